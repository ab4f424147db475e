/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The ring buffer: records are reserved in place, and whoever submits one decides whether the consumer is woken. */
#ifndef BENCH_MECHANISM_RINGBUF_H
#define BENCH_MECHANISM_RINGBUF_H

#include "../trigger.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024); /* bytes; user space sets the real size */
} events SEC(".maps");

/* One for each CPU, put in by user space; of the type and flags that are said here. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1); /* user space sets the number of CPUs */
	__type(key, __u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_RINGBUF);
			__uint(max_entries, 64 * 1024); /* a multiple of every page size */
		});
} rings SEC(".maps");

static __always_inline void *shared_buffer(void)
{
	return &events;
}

static __always_inline void *own_buffer(__u32 cpu)
{
	return bpf_map_lookup_elem(&rings, &cpu);
}

static __always_inline __u64 wakeup_flags(void *ring)
{
	switch (knobs.wakeup) {
	case BENCH_WAKEUP_SAMPLED:
		/* Includes the record just reserved, so a burst of exactly wakeup_bytes wakes once. */
		return bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >= knobs.wakeup_bytes ? BPF_RB_FORCE_WAKEUP :
											  BPF_RB_NO_WAKEUP;
	case BENCH_WAKEUP_TIMER:
		return BPF_RB_NO_WAKEUP;
	default:
		return 0;
	}
}

static __always_inline void emit(void *ring, struct counters *c, struct event *head, __u64 mark)
{
	struct event *e = bpf_ringbuf_reserve(ring, knobs.record_size, 0);

	if (!e) {
		c->dropped++;
		c->dropped_marks += mark;
		return;
	}
	head->mark = mark;
	*e = *head;
	c->submitted++;
	bpf_ringbuf_submit(e, wakeup_flags(ring));
}

#endif /* BENCH_MECHANISM_RINGBUF_H */
