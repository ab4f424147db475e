/* SPDX-License-Identifier: MIT */
/* The flags of docs/PROTOCOL.md. */
#ifndef ARGS_H
#define ARGS_H

#include <stdbool.h>

#include "abi.h"
#include "failure.h"

enum program_type {
	PROGRAM_TRACEPOINT,
	PROGRAM_RAW_TRACEPOINT,
	PROGRAM_KPROBE,
	PROGRAM_FENTRY,
};

/* What the command line asks for. */
enum action {
	ACTION_RUN,
	ACTION_HELP,
	ACTION_VERSION,
};

#define CPU_UNPINNED (-1)

struct args {
	enum action action;
	__u64 duration_ns;
	bool verbose;
	bool jsonl;
	enum program_type program_type;
	const char *attach_target;
	__u32 target_pid;
	__u32 ring_size;
	__u32 record_size;
	__u32 batch;
	enum bench_wakeup wakeup;
	__u64 wakeup_bytes; /* with BENCH_WAKEUP_SAMPLED */
	__u64 timer_ns;	    /* with BENCH_WAKEUP_TIMER */
	__u32 work;
	bool latency;
	int cpu; /* or CPU_UNPINNED */
};

/* Reads the command line; -1 and a failure when it is bad. */
int args__parse(struct args *args, int argc, char **argv, struct failure *failure);

/* The name of a program type, as in `--program-type`. */
const char *args__program_type_name(enum program_type type);

#endif /* ARGS_H */
