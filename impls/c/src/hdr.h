/* SPDX-License-Identifier: MIT */
/*
 * The functions of HdrHistogram_c that the runner calls. The crate that builds the library does not tell where its
 * headers are, hence these declarations; the histogram itself stays opaque.
 */
#ifndef HDR_H
#define HDR_H

#include <stdbool.h>
#include <stdint.h>

struct hdr_histogram;

/* 0, or an errno value. The histogram is freed with free(). */
int hdr_init(int64_t lowest_value, int64_t highest_value, int significant_figures, struct hdr_histogram **result);

bool hdr_record_value(struct hdr_histogram *histogram, int64_t value);
int64_t hdr_value_at_percentile(const struct hdr_histogram *histogram, double percentile);
int64_t hdr_max(const struct hdr_histogram *histogram);

/* 0, or an error number; the caller frees the V2 compressed base64 text. */
int hdr_log_encode(struct hdr_histogram *histogram, char **text);

#endif /* HDR_H */
