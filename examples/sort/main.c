/* Sorts the signed 32-bit numbers of the first record by heapsort.
   Outputs: 0 their number, 1 the smallest, 2 the median, 3 the largest, 4 and 5 the sum of position * value. */

#include "zisk.h"

#define CAPACITY 65536

static int32_t numbers[CAPACITY];

static void sink(uint64_t root, uint64_t end) {
    int32_t moved = numbers[root];
    for (;;) {
        uint64_t child = 2 * root + 1;
        if (child >= end) break;
        if (child + 1 < end && numbers[child] < numbers[child + 1]) child++;
        if (moved >= numbers[child]) break;
        numbers[root] = numbers[child];
        root = child;
    }
    numbers[root] = moved;
}

int main(void) {
    zisk_record record = zisk_first_record();
    uint64_t count = record.length / 4;
    if (count == 0 || count > CAPACITY) return 1;
    for (uint64_t i = 0; i < count; i++) numbers[i] = ((const int32_t *)record.data)[i];
    for (uint64_t root = count / 2; root-- > 0;) sink(root, count);
    for (uint64_t end = count - 1; end > 0; end--) {
        int32_t largest = numbers[0];
        numbers[0] = numbers[end];
        numbers[end] = largest;
        sink(0, end);
    }
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; i++) sum += i * (uint64_t)(int64_t)numbers[i];
    zisk_output(0, (uint32_t)count);
    zisk_output(1, (uint32_t)numbers[0]);
    zisk_output(2, (uint32_t)numbers[count / 2]);
    zisk_output(3, (uint32_t)numbers[count - 1]);
    zisk_output(4, (uint32_t)sum);
    zisk_output(5, (uint32_t)(sum >> 32));
    return 0;
}
