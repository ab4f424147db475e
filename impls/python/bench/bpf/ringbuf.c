// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * A ring buffer in BCC's dialect: what a mechanism gives to produce.c.
 *
 * First of all maps, because wakeup_flags() names it by its number.
 */
BPF_RINGBUF_OUTPUT(events, RING_PAGES);

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

/* All CPUs share the one that the functions below name themselves. */
static __always_inline void *buffer_of(int cpu)
{
	return (void *)1;
}

/* Place for a record, none where the ring is full. */
static __always_inline struct event *reserve(void *buffer)
{
	return events.ringbuf_reserve(RECORD_SIZE);
}

static __always_inline void submit(void *buffer, struct event *e)
{
	events.ringbuf_submit(e, wakeup_flags());
}
