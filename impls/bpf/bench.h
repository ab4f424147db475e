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

/* When a submitted record wakes the consumer. */
enum bench_wakeup {
	BENCH_WAKEUP_ADAPTIVE = 0, /* the kernel decides: only when the consumer has caught up */
	BENCH_WAKEUP_SAMPLED = 1,  /* forced once knobs.wakeup_bytes are waiting, otherwise never */
	BENCH_WAKEUP_NONE = 2,	   /* never: the consumer looks on a timer */
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
	__u64 seq;		   /*  8: cpu << 48 | number of the attempt on that CPU, from 1 */
	__u32 tgid;		   /* 16: process id as the initial pid namespace numbers it */
	__u32 tid;		   /* 20 */
	__u32 cpu;		   /* 24 */
	__u32 type;		   /* 28: enum bench_event_type */
	char comm[BENCH_COMM_LEN]; /* 32 */
};

/* The one element of the per-CPU array `counters`. Cumulative, summed over CPUs in user space. 32 bytes. */
struct counters {
	__u64 attempted; /*  0: records that the program tried to produce */
	__u64 submitted; /*  8: records handed to the consumer */
	__u64 dropped;	 /* 16: reservations that failed */
	__u64 checksum;	 /* 24: wrapping sum of event.seq over submitted records */
};

/* Set before load, constant afterwards: the verifier sees numbers, not variables. 32 bytes. */
struct knobs {
	__u32 target_pid;   /*  0: produce for this process only; 0 = for every process */
	__u32 record_size;  /*  4: bytes, 48 to 1024 */
	__u32 batch;	    /*  8: records per trigger, 1 to BENCH_BATCH_MAX */
	__u32 wakeup;	    /* 12: enum bench_wakeup */
	__u64 wakeup_bytes; /* 16: backlog that forces a wakeup, with BENCH_WAKEUP_SAMPLED */
	__u32 work;	    /* 24: rounds of extra work per trigger, 0 to BENCH_WORK_MAX */
	__u32 syscall_nr;   /* 28: raw_tracepoint only: the system call that counts as a trigger */
};

#endif /* BENCH_H */
