/* SPDX-License-Identifier: MIT */
/* The histogram of delays, from an event's trigger to its reading. */
#ifndef LATENCY_H
#define LATENCY_H

#include <linux/types.h>

#include "hdr.h"

#define LATENCY_LOWEST_NS 1
#define LATENCY_HIGHEST_NS 60000000000LL
#define LATENCY_SIGNIFICANT_DIGITS 3

/* The percentiles of the report. All 0 when nothing was recorded. */
struct percentiles {
	__u64 p50, p95, p99, p99_9, max;
};

/* NULL when there is no memory; freed with free(). */
struct hdr_histogram *latency__new(void);

/*
 * A delay above the highest value is recorded as the highest; so is one below zero, which as a number without sign is
 * far above. Both are a clock that cannot be true.
 */
static inline void latency__record(struct hdr_histogram *histogram, __u64 delay_ns)
{
	hdr_record_value(histogram, delay_ns > LATENCY_HIGHEST_NS ? LATENCY_HIGHEST_NS : (int64_t)delay_ns);
}

struct percentiles latency__percentiles(const struct hdr_histogram *histogram);

/* The histogram in base64, freed with free(); NULL when it cannot be encoded. */
char *latency__encode(struct hdr_histogram *histogram);

#endif /* LATENCY_H */
