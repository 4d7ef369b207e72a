/* Copies pairs of 64-bit numbers to the heap and divides them, signed and unsigned.
   Outputs: four 64-bit sums, low half first: quotients and remainders signed, then unsigned.
   Prints how many pairs it saw. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zisk.h"

static int put(char character, FILE *file) {
    (void)file;
    *ZISK_UART = (uint8_t)character;
    return character;
}

static FILE uart = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdout = &uart;

int main(void) {
    zisk_record record = zisk_first_record();
    uint64_t count = record.length / 16;
    uint64_t **pairs = malloc(count * sizeof *pairs);
    if (pairs == NULL) return 1;
    for (uint64_t i = 0; i < count; i++) {
        pairs[i] = malloc(16);
        if (pairs[i] == NULL) return 1;
        memcpy(pairs[i], record.data + 16 * i, 16);
    }
    uint64_t sums[4] = {0};
    for (uint64_t i = 0; i < count; i++) {
        uint64_t dividend = pairs[i][0], divisor = pairs[i][1];
        if (divisor == 0) continue;
        sums[0] += (uint64_t)((int64_t)dividend / (int64_t)divisor);
        sums[1] += (uint64_t)((int64_t)dividend % (int64_t)divisor);
        sums[2] += dividend / divisor;
        sums[3] += dividend % divisor;
        free(pairs[i]);
    }
    free(pairs);
    for (unsigned k = 0; k < 4; k++) {
        zisk_output(2 * k, (uint32_t)sums[k]);
        zisk_output(2 * k + 1, (uint32_t)(sums[k] >> 32));
    }
    printf("%u pairs\n", (unsigned)count);
    return 0;
}
