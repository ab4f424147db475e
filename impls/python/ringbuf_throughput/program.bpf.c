// SPDX-License-Identifier: MIT OR GPL-2.0-only
// Producer of the ring buffer benchmarks in BCC's dialect: every trigger produces BATCH records.
//
// The same program as impls/bpf/ringbuf_throughput.bpf.c, statement by statement. What differs is the dialect: maps are
// declared with macros and called like methods, and the knobs are macros that program.py sets (-D), because BCC
// compiles when the runner starts:
//
//   TARGET_PID RECORD_SIZE BATCH WAKEUP WAKEUP_BYTES WORK SYSCALL_NR   as in struct knobs
//   RING_PAGES                                                         size of the ring buffer
//   ON_TRACEPOINT, ON_RAW_TP, ON_KPROBE or ON_FENTRY                   name of the program to compile

#include "bench.h"

/* First, because wakeup_flags() names it by its number. */
BPF_RINGBUF_OUTPUT(events, RING_PAGES);
BPF_PERCPU_ARRAY(counters, struct counters, 1);

static __always_inline void do_work(void)
{
	u64 x = bpf_ktime_get_ns();
	u32 i;

	for (i = 0; i < WORK && i < BENCH_WORK_MAX; i++) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		/* The result is unused on purpose; this keeps the compiler from noticing. */
		asm volatile("" : "+r"(x));
	}
}

static __always_inline u64 wakeup_flags(void)
{
	switch (WAKEUP) {
	case BENCH_WAKEUP_SAMPLED:
		/*
		 * Includes the record just reserved, so a burst of exactly WAKEUP_BYTES wakes once. BCC 0.26 has no
		 * method for this helper. It numbers maps from 1 in the order of their declaration.
		 */
		return bpf_ringbuf_query((void *)bpf_pseudo_fd(1, -1), BPF_RB_AVAIL_DATA) >= WAKEUP_BYTES ?
			       BPF_RB_FORCE_WAKEUP :
			       BPF_RB_NO_WAKEUP;
	case BENCH_WAKEUP_NONE:
		return BPF_RB_NO_WAKEUP;
	default:
		return 0;
	}
}

static __always_inline int produce(u32 type)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 tgid = id >> 32, i;
	int zero = 0;
	struct counters *c;
	struct event head;

	if (TARGET_PID && TARGET_PID != tgid)
		return 0;
	c = counters.lookup(&zero);
	if (!c)
		return 0;

	/* All records of one trigger share what the trigger is: who, where and when. */
	head.ktime_ns = bpf_ktime_get_ns();
	head.tgid = tgid;
	head.tid = id;
	head.cpu = bpf_get_smp_processor_id();
	head.type = type;
	bpf_get_current_comm(head.comm, sizeof(head.comm));
	if (WORK)
		do_work();

	for (i = 0; i < BATCH && i < BENCH_BATCH_MAX; i++) {
		struct event *e;
		u64 seq;

		/*
		 * The counters stay in memory: sums carried in registers would make every iteration a new state
		 * to the verifier, and a batch of 1,000 would pass its limit.
		 */
		seq = ++c->attempted | (u64)head.cpu << 48;
		e = events.ringbuf_reserve(RECORD_SIZE);
		if (!e) {
			c->dropped++;
			continue;
		}
		head.seq = seq;
		*e = head;
		c->submitted++;
		c->checksum += seq;
		events.ringbuf_submit(e, wakeup_flags());
	}
	return 0;
}

#ifdef ON_TRACEPOINT
int ON_TRACEPOINT(void *ctx)
{
	return produce(BENCH_EVENT_TRACEPOINT);
}
#endif

#ifdef ON_RAW_TP
int ON_RAW_TP(struct bpf_raw_tracepoint_args *ctx)
{
	if (ctx->args[1] != SYSCALL_NR)
		return 0;
	return produce(BENCH_EVENT_RAW_TRACEPOINT);
}
#endif

#ifdef ON_KPROBE
int ON_KPROBE(struct pt_regs *ctx)
{
	return produce(BENCH_EVENT_KPROBE);
}
#endif

/* BCC reads the target from the name: kfunc__FUNCTION. */
#ifdef ON_FENTRY
int ON_FENTRY(void *ctx)
{
	return produce(BENCH_EVENT_FENTRY);
}
#endif
