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
	case BENCH_WAKEUP_NONE:
		return BPF_RB_NO_WAKEUP;
	default:
		return 0;
	}
}

static __always_inline int produce(__u32 type)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 tgid = id >> 32, zero = 0, i;
	struct counters *c;
	struct event head;

	if (knobs.target_pid && knobs.target_pid != tgid)
		return 0;
	c = bpf_map_lookup_elem(&counters, &zero);
	if (!c)
		return 0;

	/* All records of one trigger share what the trigger is: who, where and when. */
	head.ktime_ns = bpf_ktime_get_ns();
	head.tgid = tgid;
	head.tid = id;
	head.cpu = bpf_get_smp_processor_id();
	head.type = type;
	bpf_get_current_comm(head.comm, sizeof(head.comm));
	if (knobs.work)
		do_work();

	for (i = 0; i < knobs.batch && i < BENCH_BATCH_MAX; i++) {
		struct event *e;
		__u64 seq;

		/*
		 * The counters stay in memory: sums carried in registers would make every iteration a new state
		 * to the verifier, and a batch of 1,000 would pass its limit.
		 */
		seq = ++c->attempted | (__u64)head.cpu << 48;
		e = bpf_ringbuf_reserve(&events, knobs.record_size, 0);
		if (!e) {
			c->dropped++;
			continue;
		}
		head.seq = seq;
		*e = head;
		c->submitted++;
		c->checksum += seq;
		bpf_ringbuf_submit(e, wakeup_flags());
	}
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_openat2")
int on_tracepoint(void *ctx)
{
	return produce(BENCH_EVENT_TRACEPOINT);
}

SEC("raw_tracepoint/sys_enter")
int on_raw_tp(struct bpf_raw_tracepoint_args *ctx)
{
	if (ctx->args[1] != knobs.syscall_nr)
		return 0;
	return produce(BENCH_EVENT_RAW_TRACEPOINT);
}

SEC("kprobe")
int on_kprobe(void *ctx)
{
	return produce(BENCH_EVENT_KPROBE);
}

/* The target is set by user space: the entry's name depends on the architecture. */
SEC("fentry")
int on_fentry(void *ctx)
{
	return produce(BENCH_EVENT_FENTRY);
}
