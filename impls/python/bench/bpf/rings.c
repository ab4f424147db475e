// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* A ring buffer for each CPU, in the map `rings`: what a mechanism gives to produce.c. The maps are declared before this text. */
static __always_inline u64 wakeup_flags(void *ring)
{
	switch (WAKEUP) {
	case BENCH_WAKEUP_SAMPLED:
		return bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >= WAKEUP_BYTES ? BPF_RB_FORCE_WAKEUP :
										    BPF_RB_NO_WAKEUP;
	case BENCH_WAKEUP_TIMER:
		return BPF_RB_NO_WAKEUP;
	default:
		return 0;
	}
}

/* NULL where the CPU has none. */
static __always_inline void *buffer_of(int cpu)
{
	return rings.lookup(&cpu);
}

static __always_inline struct event *reserve(void *ring)
{
	return bpf_ringbuf_reserve(ring, RECORD_SIZE, 0);
}

static __always_inline void submit(void *ring, struct event *e)
{
	bpf_ringbuf_submit(e, wakeup_flags(ring));
}
