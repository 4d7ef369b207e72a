/* n-th Fibonacci number modulo 2^64, n from the first record; output words 0 and 1 take its halves. */

#include "zisk.h"

int main(void) {
    uint64_t count = *(const uint64_t *)zisk_first_record().data;
    uint64_t current = 0, next = 1;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t sum = current + next;
        current = next;
        next = sum;
    }
    zisk_output(0, (uint32_t)current);
    zisk_output(1, (uint32_t)(current >> 32));
    return 0;
}
