// SPDX-License-Identifier: MIT
#include <stddef.h>

#include "latency.h"

struct hdr_histogram *latency__new(void)
{
	struct hdr_histogram *histogram = NULL;

	if (hdr_init(LATENCY_LOWEST_NS, LATENCY_HIGHEST_NS, LATENCY_SIGNIFICANT_DIGITS, &histogram))
		return NULL;
	return histogram;
}

struct percentiles latency__percentiles(const struct hdr_histogram *histogram)
{
	return (struct percentiles){
		.p50 = hdr_value_at_percentile(histogram, 50.0),
		.p95 = hdr_value_at_percentile(histogram, 95.0),
		.p99 = hdr_value_at_percentile(histogram, 99.0),
		.p99_9 = hdr_value_at_percentile(histogram, 99.9),
		.max = hdr_max(histogram),
	};
}

char *latency__encode(struct hdr_histogram *histogram)
{
	char *text = NULL;

	if (hdr_log_encode(histogram, &text))
		return NULL;
	return text;
}
