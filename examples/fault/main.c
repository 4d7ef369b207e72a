/* Goes wrong on purpose, in the way that the number in the first record names. */

#include "zisk.h"

int main(void) {
    uint64_t way = *(const uint64_t *)zisk_first_record().data;
    zisk_print("about to fail\n");
    switch (way) {
    case 0: __asm__ volatile(".word 0xC0001073"); break;
    case 1: __asm__ volatile("ebreak"); break;
    case 2: __asm__ volatile(".word 0xF1101073"); break;
    case 3: *(volatile uint64_t *)0x10000000 = 1; break;
    case 4: *(volatile uint64_t *)0x80000000 = 2; break;
    case 5: *(volatile uint64_t *)0xA0000000 = 3; break;
    case 6: return (int)*(volatile uint64_t *)0x40000000;
    case 7: ((void (*)(void))0x70000000)(); break;
    case 8: __asm__ volatile("li a7, 64\n ecall" ::: "a7"); break;
    case 9: __asm__ volatile(".word 0x02007053"); break;
    case 10: __asm__ volatile(".word 0x80052073"); break;
    case 11: __asm__ volatile(".half 0"); break;
    case 12: for (;;) __asm__ volatile(""); break;
    default: return (int)way;
    }
    return 0;
}
