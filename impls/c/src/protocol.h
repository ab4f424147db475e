/* SPDX-License-Identifier: MIT */
/* The messages of docs/PROTOCOL.md. Each function writes one line and flushes it; -1 when the reader is gone. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <linux/types.h>
#include <stdio.h>

#include "failure.h"

#define PROTOCOL_VERSION 2
#define PROTOCOL_MAX_IDS 16

/* Who is talking. */
struct hello {
	const char *implementation;
	const char *framework;
	const char *framework_version;
	__u32 pid;
};

/* What was loaded and attached. */
struct ready {
	__u32 program_ids[PROTOCOL_MAX_IDS];
	size_t nr_programs;
	__u32 map_ids[PROTOCOL_MAX_IDS];
	size_t nr_maps;
	__u64 load_ns;
	__u64 attach_ns;
	const char *program_type;
	const char *attach_target;
};

/* What user space has seen so far. */
struct totals {
	__u64 received;
	__u64 bytes;
	__u64 marks;
	__u64 wakeups;
};

/* Both sides' figures, once nothing moves any more. */
struct summary {
	__u64 elapsed_ns;
	__u64 attempted;
	__u64 submitted;
	__u64 dropped;
	__u64 dropped_marks;
	__u64 lost;
	struct totals user;
	struct totals at_stop; /* `user` when it was decided to stop, without what was drained: what rates are of */
	const char *latency;   /* base64, or NULL */
};

int protocol__hello(FILE *out, const struct hello *hello);
int protocol__ready(FILE *out, const struct ready *ready);
int protocol__counters(FILE *out, __u64 t_ns, const struct totals *totals);
int protocol__summary(FILE *out, const struct summary *summary);
int protocol__error(FILE *out, const struct failure *failure);

#endif /* PROTOCOL_H */
