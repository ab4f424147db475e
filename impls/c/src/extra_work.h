/* SPDX-License-Identifier: MIT */
#ifndef EXTRA_WORK_H
#define EXTRA_WORK_H

#include <stdint.h>

/*
 * Work that only a test build does, for each record: a known difference, to see whether the comparison finds it
 * (scripts/bench/slowed.sh). Each round needs the one before, and each record the record before, so that a processor
 * cannot do them side by side. The constants are those of Knuth's MMIX generator.
 */
static inline void extra_work(void)
{
#ifdef EXTRA_WORK_ROUNDS
	static _Thread_local uint64_t state;
	uint64_t x = state;

	for (int round = 0; round < EXTRA_WORK_ROUNDS; round++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		__asm__ volatile("" : "+r"(x));
	}
	state = x;
#endif
}

#endif /* EXTRA_WORK_H */
