/* SPDX-License-Identifier: MIT */
/* What docs/PROTOCOL.md asks of every runner: flags, failures, messages, the report, reasons to stop. */
#ifndef CONTRACT_H
#define CONTRACT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>

#include "bench.h"

struct hdr_histogram;
struct program_type;

#define CPU_UNPINNED (-1)

/* A checked command line. */
struct args {
	__u64 duration_ns;
	bool verbose;
	bool jsonl;
	const struct program_type *type;
	const char *attach_target;
	__u32 ring_size;
	struct knobs knobs; /* but for where the cookie is */
	__u64 timer_ns;	    /* with BENCH_WAKEUP_TIMER */
	bool latency;
	bool threads; /* one for each ring */
	__s32 cpu;    /* or CPU_UNPINNED */
};

/* Reads the command line. Ends the process where that is bad, and where it asks for the help or the versions. */
void args__parse(struct args *args, int argc, char **argv);

enum failure {
	FAILURE_USAGE,
	FAILURE_UNSUPPORTED,
	FAILURE_PERMISSION,
	FAILURE_INTERNAL,
};

/*
 * Says why the runner cannot go on, also as a message where messages are asked for, and ends it with the exit status of
 * this kind of failure. The kernel detaches what is attached. `hint` may be NULL.
 */
void fail(enum failure kind, const char *hint, const char *format, ...) __attribute__((noreturn, format(printf, 3, 4)));

#define USAGE_HINT "run `ringbuf_throughput --help` for the flags and their values"

/* The same for a value that a flag, or a variable of the environment, cannot have. */
void fail_value(const char *name, const char *value, const char *expected) __attribute__((noreturn));

/* Whether failures are messages as well. */
void fail__in_jsonl(bool jsonl);

/* Writes out what standard output holds back; fails when nobody reads it. */
void output__flush(FILE *out);

/* Those of the usual maps, and of a ring for each CPU that `--cpu` can name. */
#define MAX_RINGS 4096
#define MAX_IDS (16 + MAX_RINGS)

/* What was loaded and attached. */
struct ready {
	__u32 program_id;
	__u32 map_ids[MAX_IDS];
	__u32 nr_maps;
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

/* What was read of one ring of several. */
struct ring_summary {
	int cpu;
	__u64 received;
	struct hdr_histogram *latency; /* or NULL */
};

/* Both sides' figures, once nothing moves any more. */
struct summary {
	__u64 elapsed_ns;
	struct counters kernel;
	struct totals user;
	struct ring_summary *rings; /* NULL where all CPUs share one */
	int nr_rings;
	struct totals at_stop; /* `user` when it was decided to stop, without what was drained: what rates are of */
};

/* The messages, each one line, written out at once. All fail where nobody reads them. */
void message__hello(FILE *out);
void message__ready(FILE *out, const struct ready *ready);
void message__counters(FILE *out, __u64 t_ns, const struct totals *totals);
void message__summary(FILE *out, const struct summary *summary, struct hdr_histogram *latency);
void message__error(FILE *out, enum failure kind, const char *message, const char *hint);

/* `ringbuf_throughput 0.1.0 (c, libbpf 1.7, protocol 2)` */
void report__version(FILE *out);

/* What a person reads of a run. */
void report__print(FILE *out, const struct ready *ready, const struct summary *summary,
		   const struct hdr_histogram *latency);

/*
 * Installs the signal handlers and looks at what standard input is. A reader of standard output that is gone then fails
 * the next write instead of killing the runner.
 */
void stop__listen(void);

/* Whether a signal has come: a load from memory, cheap enough for every round of the loop. */
bool stop__signalled(void);

/* Whether standard input is a pipe and has ended. Reads and ignores what has arrived; never waits. */
bool stop__input_ended(void);

#endif /* CONTRACT_H */
