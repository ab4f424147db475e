/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What all mechanisms and program types share: what the program is told, what it counts, and what it knows of a
 * trigger. A file in mechanism/ says how records leave, one in type/ what the program is attached to.
 */
#ifndef BENCH_TRIGGER_H
#define BENCH_TRIGGER_H

#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include "bench.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile struct knobs knobs = {
	.record_size = 64,
	.batch = 1,
	.syscall_nr = 437, /* openat2, on every architecture */
	.keep_one_in = 1,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

/* Filled by user space. The program cannot write to it, so it is no way to tell the consumer anything. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BENCH_TABLE_SIZE);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

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

static __always_inline void do_lookups(__u32 cookie)
{
	__u64 sum = 0, *found;
	__u32 i, key;

	for (i = 0; i < knobs.lookups && i < BENCH_LOOKUPS_MAX; i++) {
		key = (cookie + i) % BENCH_TABLE_SIZE;
		found = bpf_map_lookup_elem(&table, &key);
		if (found)
			sum += *found;
		asm volatile("" : "+r"(sum));
	}
}

/* The mechanism's: the buffer that all CPUs share; and the CPU's own, NULL where it has none. */
static __always_inline void *shared_buffer(void);
static __always_inline void *own_buffer(__u32 cpu);

/* The mechanism's: hands over one record, `head` with this mark, and counts it as submitted or dropped. */
static __always_inline void emit(void *buffer, struct counters *c, struct event *head, __u64 mark);

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

static __always_inline void emit_all(void *buffer, struct counters *c, struct event *head, __u32 cookie)
{
	__u32 i;

	for (i = 0; i < knobs.batch && i < BENCH_BATCH_MAX; i++) {
		/*
		 * The counters stay in memory: sums carried in registers would make every iteration a new state
		 * to the verifier, and a batch of 1,000 would pass its limit.
		 */
		c->attempted++;
		emit(buffer, c, head, (__u64)cookie + i);
	}
}

static __always_inline void drop_all(struct counters *c, __u32 cookie)
{
	__u64 batch = knobs.batch;

	c->attempted += batch;
	c->dropped += batch;
	c->dropped_marks += batch * cookie + batch * (batch - 1) / 2;
}

/* `more`, a constant: whether there may be a filter, lookups and a buffer for each CPU, or none of the three. */
static __always_inline int produce(__u32 type, __u64 id, __u32 cookie, int more)
{
	struct counters *c;
	struct event head;
	__u32 zero = 0;
	void *buffer;

	if (more && cookie % knobs.keep_one_in)
		return 0;
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
	if (more && knobs.lookups)
		do_lookups(cookie);

	if (!more || !knobs.rings) {
		emit_all(shared_buffer(), c, &head, cookie);
		return 0;
	}
	buffer = own_buffer(head.cpu);
	if (buffer)
		emit_all(buffer, c, &head, cookie);
	else
		drop_all(c, cookie);
	return 0;
}

/*
 * A program type's two programs. The usual one is without what it does not need, down to the instruction: what is
 * switched off by a knob costs the look at the knob.
 */
#define PROGRAMS(section, name, context)                                                                               \
	SEC(section)                                                                                                   \
	int on_##name(context *ctx)                                                                                    \
	{                                                                                                              \
		return name(ctx, 0);                                                                                   \
	}                                                                                                              \
	SEC(section)                                                                                                   \
	int on_##name##_more(context *ctx)                                                                             \
	{                                                                                                              \
		return name(ctx, 1);                                                                                   \
	}

#endif /* BENCH_TRIGGER_H */
