/* What a guest needs of the machine: input, output, printing and the halt. */

#ifndef ZISK_H
#define ZISK_H

#include <stdint.h>

#define ZISK_INPUT ((const uint8_t *)0x40000008)
#define ZISK_OUTPUT ((volatile uint32_t *)0xA0010000)
#define ZISK_OUTPUT_WORDS 64
#define ZISK_UART ((volatile uint8_t *)0xA0000200)

/* One record of the input: its bytes and their number. */
typedef struct {
    const uint8_t *data;
    uint64_t length;
} zisk_record;

/* First record of the input. A record is a 64-bit length, the bytes, and zeros up to a multiple of 8. */
static inline zisk_record zisk_first_record(void) {
    zisk_record record = {ZISK_INPUT + 8, *(const uint64_t *)ZISK_INPUT};
    return record;
}

/* Record behind another one. */
static inline zisk_record zisk_next_record(zisk_record record) {
    const uint8_t *header = record.data + ((record.length + 7) & ~(uint64_t)7);
    zisk_record next = {header + 8, *(const uint64_t *)header};
    return next;
}

/* Set one of the 64 public output words. */
static inline void zisk_output(unsigned index, uint32_t value) { ZISK_OUTPUT[index] = value; }

/* Print text on the machine's UART. */
static inline void zisk_print(const char *text) {
    while (*text) *ZISK_UART = (uint8_t)*text++;
}

/* End the run with an exit code; main's return value does the same. */
_Noreturn void zisk_exit(uint64_t code);

#endif
