/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The kernel/user ABI: what the BPF programs write and what every runner reads.
 *
 * Types and sizes only, no functions, so that libbpf-cargo, bpf2go and BCC can all read it. The Aya programs
 * mirror it in impls/rust/runner-common. Each language asserts these sizes and offsets.
 */
#ifndef BENCH_H
#define BENCH_H

#define BENCH_COMM_LEN 16
#define BENCH_BATCH_MAX 1000
#define BENCH_WORK_MAX 10000
#define BENCH_LOOKUPS_MAX 100
#define BENCH_TABLE_SIZE 1024

/* When a submitted record wakes the consumer. */
enum bench_wakeup {
	BENCH_WAKEUP_ADAPTIVE = 0, /* the kernel decides: only when the consumer has caught up */
	BENCH_WAKEUP_SAMPLED = 1,  /* forced once knobs.wakeup_bytes are waiting, otherwise never */
	BENCH_WAKEUP_TIMER = 2,	   /* never: the consumer looks on a timer of its own */
};

/* Where a trigger's cookie is: docs/PROTOCOL.md, Marks. */
enum bench_cookie {
	BENCH_COOKIE_NONE = 0,	   /* nowhere: 0 */
	BENCH_COOKIE_SYSCALL = 1,  /* the first argument of the system call */
	BENCH_COOKIE_FUNCTION = 2, /* kprobe, fentry: the first argument of the function */
};

/* event.type: which program wrote the record. */
enum bench_event_type {
	BENCH_EVENT_TRACEPOINT = 1,
	BENCH_EVENT_RAW_TRACEPOINT = 2,
	BENCH_EVENT_KPROBE = 3,
	BENCH_EVENT_FENTRY = 4,
};

/* One record. Padding up to knobs.record_size bytes follows and is not initialised. 48 bytes. */
struct event {
	__u64 ktime_ns;		   /*  0: bpf_ktime_get_ns() of the trigger (CLOCK_MONOTONIC) */
	__u64 mark;		   /*  8: the trigger's cookie + the record's place in the batch, from 0 */
	__u32 tgid;		   /* 16: process id as the initial pid namespace numbers it */
	__u32 tid;		   /* 20 */
	__u32 cpu;		   /* 24 */
	__u32 type;		   /* 28: enum bench_event_type */
	char comm[BENCH_COMM_LEN]; /* 32 */
};

/* The one element of the per-CPU array `counters`. Cumulative; whoever reads it sums over CPUs. 32 bytes. */
struct counters {
	__u64 attempted;     /*  0: records that the program tried to produce */
	__u64 submitted;     /*  8: records handed to the consumer */
	__u64 dropped;	     /* 16: reservations that failed */
	__u64 dropped_marks; /* 24: wrapping sum of the marks of those: never of what was submitted */
};

/* Set before load, constant afterwards: the verifier sees numbers, not variables. 56 bytes. */
struct knobs {
	__u32 target_pid;    /*  0: produce for this process only; 0 = for every process */
	__u32 record_size;   /*  4: bytes, 48 to 1024 */
	__u32 batch;	     /*  8: records per trigger, 1 to BENCH_BATCH_MAX */
	__u32 wakeup;	     /* 12: enum bench_wakeup */
	__u64 wakeup_bytes;  /* 16: backlog that forces a wakeup, with BENCH_WAKEUP_SAMPLED */
	__u32 work;	     /* 24: rounds of extra work per trigger, 0 to BENCH_WORK_MAX */
	__u32 syscall_nr;    /* 28: raw_tracepoint only: the system call that counts as a trigger */
	__u32 cookie;	     /* 32: enum bench_cookie */
	__u32 cookie_offset; /* 36: of the first argument's register in this machine's struct pt_regs */
	/* What only the programs on_*_more look at. */
	__u32 keep_one_in; /* 40: make records only of triggers whose cookie is a multiple of this, at least 1 */
	__u32 lookups;	   /* 44: in `table`, per trigger, 0 to BENCH_LOOKUPS_MAX */
	__u32 rings;	   /* 48: records go to the buffer of their CPU in `rings`, not to `events` */
	__u32 unused;	   /* 52 */
};

#endif /* BENCH_H */
