// SPDX-License-Identifier: MIT OR GPL-2.0-only
// Producer of the ring buffer benchmarks in BCC's dialect: every trigger produces BATCH records.
//
// The same program as impls/bpf/ringbuf_throughput.bpf.c, statement by statement. What differs is the dialect: maps are
// declared with macros and called like methods, and the knobs are macros that program.py sets (-D), because BCC
// compiles when the runner starts:
//
//   TARGET_PID RECORD_SIZE BATCH WAKEUP WAKEUP_BYTES   as in struct knobs
//   WORK SYSCALL_NR COOKIE COOKIE_OFFSET               as in struct knobs
//   RING_PAGES                                         size of the ring buffer
//   ON_TRACEPOINT, ON_RAW_TP, ON_KPROBE or ON_FENTRY   name of the program to compile

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
	case BENCH_WAKEUP_TIMER:
		return BPF_RB_NO_WAKEUP;
	default:
		return 0;
	}
}

/* The 64 bits at an address in the kernel, 0 if there is nothing. */
static __always_inline u64 read_kernel(u64 address)
{
	u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (void *)address);
	return value;
}

/*
 * The first argument's register in a struct pt_regs. Read with the helper, even where the program's own context is the
 * struct, as the other kernel side does. Addresses are numbers here: BCC rewrites what reads through a pointer.
 */
static __always_inline u64 first_register(u64 regs)
{
	return read_kernel(regs + COOKIE_OFFSET);
}

/* Of a system call's entry, the argument is a pointer to the registers that hold the call's own arguments. */
static __always_inline u64 function_cookie(u64 argument)
{
	return COOKIE == BENCH_COOKIE_SYSCALL ? first_register(argument) : argument;
}

/* Whether the current thread's triggers are not to be counted. */
static __always_inline int is_foreign(u64 id)
{
	return TARGET_PID && TARGET_PID != id >> 32;
}

static __always_inline int produce(u32 type, u64 id, u32 cookie)
{
	int zero = 0;
	u32 i;
	struct counters *c;
	struct event head;

	c = counters.lookup(&zero);
	if (!c)
		return 0;

	/* All records of one trigger share what the trigger is: who, where and when. */
	head.ktime_ns = bpf_ktime_get_ns();
	head.tgid = id >> 32;
	head.tid = id;
	head.cpu = bpf_get_smp_processor_id();
	head.type = type;
	bpf_get_current_comm(head.comm, sizeof(head.comm));
	if (WORK)
		do_work();

	for (i = 0; i < BATCH && i < BENCH_BATCH_MAX; i++) {
		struct event *e;

		/*
		 * The counters stay in memory: sums carried in registers would make every iteration a new state
		 * to the verifier, and a batch of 1,000 would pass its limit.
		 */
		c->attempted++;
		e = events.ringbuf_reserve(RECORD_SIZE);
		if (!e) {
			c->dropped++;
			c->dropped_marks += (u64)cookie + i;
			continue;
		}
		head.mark = (u64)cookie + i;
		*e = head;
		c->submitted++;
		events.ringbuf_submit(e, wakeup_flags());
	}
	return 0;
}

#ifdef ON_TRACEPOINT
/* What all tracepoints of system calls begin with. */
struct syscall_entry {
	u64 common;
	u64 number;
	u64 arguments[1];
};

int ON_TRACEPOINT(struct syscall_entry *ctx)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 cookie = 0;

	if (is_foreign(id))
		return 0;
	/* Not every tracepoint has a field there, and the kernel refuses to attach a program that reads beyond the last. */
	if (COOKIE == BENCH_COOKIE_SYSCALL)
		cookie = ctx->arguments[0];
	return produce(BENCH_EVENT_TRACEPOINT, id, cookie);
}
#endif

#ifdef ON_RAW_TP
int ON_RAW_TP(struct bpf_raw_tracepoint_args *ctx)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 cookie = 0;

	if (ctx->args[1] != SYSCALL_NR || is_foreign(id))
		return 0;
	if (COOKIE == BENCH_COOKIE_SYSCALL)
		cookie = first_register(ctx->args[0]);
	return produce(BENCH_EVENT_RAW_TRACEPOINT, id, cookie);
}
#endif

#ifdef ON_KPROBE
int ON_KPROBE(struct pt_regs *ctx)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 cookie = 0;

	if (is_foreign(id))
		return 0;
	if (COOKIE != BENCH_COOKIE_NONE)
		cookie = function_cookie(first_register((u64)ctx));
	return produce(BENCH_EVENT_KPROBE, id, cookie);
}
#endif

/* BCC reads the target from the name: kfunc__FUNCTION. */
#ifdef ON_FENTRY
int ON_FENTRY(void *ctx)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 cookie = 0;

	if (is_foreign(id))
		return 0;
	/* Not `*ctx`: that is a pointer to the verifier when the argument is one, and has no low half then. */
	if (COOKIE != BENCH_COOKIE_NONE)
		cookie = function_cookie(read_kernel((u64)ctx));
	return produce(BENCH_EVENT_FENTRY, id, cookie);
}
#endif
