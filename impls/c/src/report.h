/* SPDX-License-Identifier: MIT */
/* What a person reads. */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

#include "latency.h"
#include "protocol.h"

/* `ringbuf_throughput 0.1.0 (c, libbpf 1.7, protocol 2)` */
void report__version(FILE *out, const struct hello *hello);

/* The report of a run; -1 when it cannot be written. `percentiles` is NULL when none were recorded. */
int report__print(FILE *out, const struct hello *hello, const struct ready *ready, const struct summary *summary,
		  const struct percentiles *percentiles);

#endif /* REPORT_H */
