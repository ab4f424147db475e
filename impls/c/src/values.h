/* SPDX-License-Identifier: MIT */
/* Reading the values of flags: strict, since a misread number would make a wrong measurement. */
#ifndef VALUES_H
#define VALUES_H

#include <linux/types.h>
#include <stdbool.h>

/* Plain decimal digits from `min` to `max`. */
bool values__number(const char *text, __u64 min, __u64 max, __u64 *number);

/* Digits, perhaps with a fraction, above 0 and at most 1,000,000 seconds. */
bool values__duration_ns(const char *text, __u64 *duration_ns);

/* A power of two from `min` to `max`. */
bool values__power_of_two(const char *text, __u64 min, __u64 max, __u64 *number);

/* A whole number and `us`, `ms` or `s`, from `min_ns` to `max_ns`. */
bool values__time_ns(const char *text, __u64 min_ns, __u64 max_ns, __u64 *time_ns);

/* CATEGORY/NAME. */
bool values__is_tracepoint(const char *text);

/* A kernel function, such as `__x64_sys_openat2` or `foo.isra.0`. */
bool values__is_function(const char *text);

#endif /* VALUES_H */
