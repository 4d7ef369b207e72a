/* Swaps pairs of words of a table at pseudo-random places, mixing as it goes: more than a third of its
   instructions load or store. Input: the number of pairs, a power of two up to 2^19 (8 MiB), and the number of
   swaps; 64 bits each.
   Outputs: 0 and 1 a sum of words read, 2 and 3 the first word at the place of the last swap. */

#include "zisk.h"

#define CAPACITY (1 << 19)

typedef struct {
    uint64_t first, second;
} pair;

static pair table[CAPACITY];

int main(void) {
    zisk_record record = zisk_first_record();
    if (record.length != 16) return 1;
    uint64_t pairs = ((const uint64_t *)record.data)[0], swaps = ((const uint64_t *)record.data)[1];
    if (pairs == 0 || pairs > CAPACITY || (pairs & (pairs - 1))) return 2;
    uint64_t mask = pairs - 1, state = 1, sum = 0, place = 0;
    for (uint64_t i = 0; i < swaps; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t other = (state >> 24) & mask;
        place = state >> 44 & mask;
        pair here = table[place], there = table[other];
        table[other].first = here.first + state;
        table[other].second = here.second;
        table[place].first = there.first ^ state;
        table[place].second = there.second + here.first;
        sum += here.first + there.second;
    }
    zisk_output(0, (uint32_t)sum);
    zisk_output(1, (uint32_t)(sum >> 32));
    zisk_output(2, (uint32_t)table[place].first);
    zisk_output(3, (uint32_t)(table[place].first >> 32));
    return 0;
}
