/* SPDX-License-Identifier: MIT */
/* How records reach the consumer. Each mechanism is one file here and one of impls/bpf/mechanism. */
#ifndef MECHANISM_H
#define MECHANISM_H

#include <bpf/libbpf.h>
#include <hdr_histogram.h>

#include "contract/clock.h"
#include "contract/contract.h"
#include "extra_work.h"
#include "skeleton.h"

/* Records between two looks at the clock and the stop flag: some 50 us of work, so neither costs anything. */
#define CONSUMER_MAX_RECORDS 4096

#define LATENCY_HIGHEST_NS 60000000000LL

/* The reading side. */
struct consumer {
	struct totals totals;
	struct hdr_histogram *latency; /* NULL: do not measure it */
	int epoll_fd;		       /* ends a wait when there is data; set by the mechanism */
	__u64 timer_ns;		       /* 0, or how long to sleep instead when nothing is there */
	long nr_switches;	       /* of this thread, when it was last looked at */
};

struct mechanism {
	/* Fails where the environment asks for what there is not. */
	void (*check)(void);
	/*
	 * Opens the object with the programs that write to this mechanism, with a buffer of so many bytes; 0, or an
	 * error number below zero.
	 */
	int (*open_object)(struct skeleton *skeleton, __u32 bytes);
	/* Makes what the object does not describe, and notes the ids of its maps; 0 or an error number. May be NULL. */
	int (*create)(const struct skeleton *skeleton, const struct args *args, struct ready *ready);
	void (*open)(struct consumer *consumer, const struct skeleton *skeleton, const struct args *args);
	/*
	 * Reads what is there, at most CONSUMER_MAX_RECORDS; returns the number of records. After fewer, whoever
	 * produces the next record sees that all was read, and announces it as its policy says.
	 */
	int (*consume)(struct consumer *consumer);
	/* Whether everything that was reserved has been read. */
	bool (*is_drained)(void);
	/* At the decision to stop, and when all is over. May be NULL. */
	void (*stop)(struct consumer *consumer);
	void (*sum_up)(struct consumer *consumer, struct summary *summary);
	void (*close)(struct consumer *consumer);
};

extern const struct mechanism ringbuf, rings;

/* What libbpf is to call for each record of a ring buffer, with its consumer as the context. */
ring_buffer_sample_fn ringbuf__callback(const struct consumer *consumer);

/*
 * A delay above the highest value is recorded as the highest; so is one below zero, which as a number without sign is
 * far above. Both are a clock that cannot be true.
 */
static inline void record_delay(struct hdr_histogram *latency, __u64 delay_ns)
{
	hdr_record_value(latency, delay_ns > LATENCY_HIGHEST_NS ? LATENCY_HIGHEST_NS : (int64_t)delay_ns);
}

/* What the loop does for each record, whatever brings it: the first without, the second with the clock. */
static inline void count_record(struct consumer *consumer, const struct event *event, size_t size)
{
	consumer->totals.marks += event->mark;
	consumer->totals.received++;
	consumer->totals.bytes += size;
	extra_work();
}

static inline void count_record_with_latency(struct consumer *consumer, const struct event *event, size_t size)
{
	record_delay(consumer->latency, clock__now_ns() - event->ktime_ns);
	count_record(consumer, event, size);
}

#endif /* MECHANISM_H */
