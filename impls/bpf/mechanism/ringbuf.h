/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The ring buffer: records are reserved in place, and whoever submits one decides whether the consumer is woken. */
#ifndef BENCH_MECHANISM_RINGBUF_H
#define BENCH_MECHANISM_RINGBUF_H

#include "../trigger.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024); /* bytes; user space sets the real size */
} events SEC(".maps");

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

static __always_inline void emit(void *ctx, struct counters *c, struct event *head, __u64 mark)
{
	struct event *e = bpf_ringbuf_reserve(&events, knobs.record_size, 0);

	if (!e) {
		c->dropped++;
		c->dropped_marks += mark;
		return;
	}
	head->mark = mark;
	*e = *head;
	c->submitted++;
	bpf_ringbuf_submit(e, wakeup_flags());
}

#endif /* BENCH_MECHANISM_RINGBUF_H */
