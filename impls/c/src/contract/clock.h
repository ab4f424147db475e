/* SPDX-License-Identifier: MIT */
/* The clock of every time in this runner, and of bpf_ktime_get_ns(). */
#ifndef CLOCK_H
#define CLOCK_H

#include <linux/types.h>
#include <time.h>

#define NSEC_PER_SEC 1000000000ULL
#define NSEC_PER_MSEC 1000000ULL
#define NSEC_PER_USEC 1000ULL

static inline __u64 clock__now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (__u64)t.tv_sec * NSEC_PER_SEC + (__u64)t.tv_nsec;
}

#endif /* CLOCK_H */
