// SPDX-License-Identifier: MIT OR GPL-2.0-only
// Producer of the ring buffer benchmarks: every trigger produces knobs.batch records.

// bpf2go compiles it from another folder; this keeps Go from taking it for cgo.
//go:build ignore

#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include "bench.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile struct knobs knobs = {
	.record_size = 64,
	.batch = 1,
	.syscall_nr = 437, /* openat2, on every architecture */
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024); /* bytes; user space sets the real size */
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

/* bpf2go exports a type only when the object's BTF has it. */
const struct event *unused_event __attribute__((unused));

static __always_inline void do_work(void)
{
	__u64 x = bpf_ktime_get_ns();
	__u32 i;

	for (i = 0; i < knobs.work && i < BENCH_WORK_MAX; i++) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		/* The result is unused on purpose; this keeps the compiler from noticing. */
		asm volatile("" : "+r"(x));
	}
}

static __always_inline __u64 wakeup_flags(void)
{
	switch (knobs.wakeup) {
	case BENCH_WAKEUP_SAMPLED:
		/* Includes the record just reserved, so a burst of exactly wakeup_bytes wakes once. */
		return bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) >= knobs.wakeup_bytes ? BPF_RB_FORCE_WAKEUP :
											     BPF_RB_NO_WAKEUP;
	case BENCH_WAKEUP_TIMER:
		return BPF_RB_NO_WAKEUP;
	default:
		return 0;
	}
}

/* The 64 bits at an address in the kernel, 0 if there is nothing. */
static __always_inline __u64 read_kernel(const void *address)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), address);
	return value;
}

/*
 * The first argument's register in a struct pt_regs. Its offset is data, so that one object fits every architecture.
 * Read with the helper, even where the program's own context is the struct: the verifier takes no offset for a context
 * that it has not seen in the instruction itself.
 */
static __always_inline __u64 first_register(const void *regs)
{
	return read_kernel(regs + knobs.cookie_offset);
}

/* Of a system call's entry, the argument is a pointer to the registers that hold the call's own arguments. */
static __always_inline __u64 function_cookie(__u64 argument)
{
	return knobs.cookie == BENCH_COOKIE_SYSCALL ? first_register((const void *)argument) : argument;
}

/* Whether the current thread's triggers are not to be counted. */
static __always_inline int is_foreign(__u64 id)
{
	return knobs.target_pid && knobs.target_pid != id >> 32;
}

static __always_inline int produce(__u32 type, __u64 id, __u32 cookie)
{
	__u32 zero = 0, i;
	struct counters *c;
	struct event head;

	c = bpf_map_lookup_elem(&counters, &zero);
	if (!c)
		return 0;

	/* All records of one trigger share what the trigger is: who, where and when. */
	head.ktime_ns = bpf_ktime_get_ns();
	head.tgid = id >> 32;
	head.tid = id;
	head.cpu = bpf_get_smp_processor_id();
	head.type = type;
	bpf_get_current_comm(head.comm, sizeof(head.comm));
	if (knobs.work)
		do_work();

	for (i = 0; i < knobs.batch && i < BENCH_BATCH_MAX; i++) {
		struct event *e;

		/*
		 * The counters stay in memory: sums carried in registers would make every iteration a new state
		 * to the verifier, and a batch of 1,000 would pass its limit.
		 */
		c->attempted++;
		e = bpf_ringbuf_reserve(&events, knobs.record_size, 0);
		if (!e) {
			c->dropped++;
			c->dropped_marks += (__u64)cookie + i;
			continue;
		}
		head.mark = (__u64)cookie + i;
		*e = head;
		c->submitted++;
		bpf_ringbuf_submit(e, wakeup_flags());
	}
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_openat2")
int on_tracepoint(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 cookie = 0;

	if (is_foreign(id))
		return 0;
	/* Not every tracepoint has a field there, and the kernel refuses to attach a program that reads beyond the last. */
	if (knobs.cookie == BENCH_COOKIE_SYSCALL)
		cookie = *(const __u64 *)(ctx + 16);
	return produce(BENCH_EVENT_TRACEPOINT, id, cookie);
}

SEC("raw_tracepoint/sys_enter")
int on_raw_tp(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 cookie = 0;

	if (ctx->args[1] != knobs.syscall_nr || is_foreign(id))
		return 0;
	if (knobs.cookie == BENCH_COOKIE_SYSCALL)
		cookie = first_register((const void *)ctx->args[0]);
	return produce(BENCH_EVENT_RAW_TRACEPOINT, id, cookie);
}

SEC("kprobe")
int on_kprobe(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 cookie = 0;

	if (is_foreign(id))
		return 0;
	if (knobs.cookie != BENCH_COOKIE_NONE)
		cookie = function_cookie(first_register(ctx));
	return produce(BENCH_EVENT_KPROBE, id, cookie);
}

/* The target is set by user space: the entry's name depends on the architecture. */
SEC("fentry")
int on_fentry(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 cookie = 0;

	if (is_foreign(id))
		return 0;
	/* Not `*ctx`: that is a pointer to the verifier when the argument is one, and has no low half then. */
	if (knobs.cookie != BENCH_COOKIE_NONE)
		cookie = function_cookie(read_kernel(ctx));
	return produce(BENCH_EVENT_FENTRY, id, cookie);
}
