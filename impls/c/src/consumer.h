/* SPDX-License-Identifier: MIT */
/* The reading side of the ring buffer: the part that is measured. */
#ifndef CONSUMER_H
#define CONSUMER_H

#include <stdbool.h>

#include "failure.h"
#include "hdr.h"
#include "protocol.h"

/* Records between two looks at the clock and the stop flag: some 50 us of work, so neither costs anything. */
#define CONSUMER_MAX_RECORDS 4096

struct ring;
struct ring_buffer;

struct consumer {
	struct totals totals;
	struct hdr_histogram *latency; /* NULL: do not measure it */
	struct ring_buffer *manager;
	struct ring *ring;
	int epoll_fd;
	bool edge;	  /* epoll_fd is this consumer's own */
	long nr_switches; /* of this thread, when it was last looked at */
};

/*
 * `latency` stays the caller's. With `edge` a wait is ended by a wakeup, not by what lies in the ring (RUNNER_WAITING).
 */
int consumer__open(struct consumer *consumer, int map_fd, bool edge, struct hdr_histogram *latency,
		   struct failure *failure);

/*
 * Reads what is there, at most CONSUMER_MAX_RECORDS; the number of records, or -1. After fewer, whoever produces the
 * next record sees that all was read, and announces it as its policy says.
 */
int consumer__consume(struct consumer *consumer, struct failure *failure);

/*
 * Waits for data, at most `timeout_ns`, and counts a wakeup if data ended the wait and the thread had gone to sleep: if
 * it gave its CPU away since consumer__stay_awake.
 */
int consumer__wait(struct consumer *consumer, __u64 timeout_ns, struct failure *failure);

/* To be called after anything else that this thread may have slept in: it is no wakeup. */
void consumer__stay_awake(struct consumer *consumer);

/* Reads until nothing is left or a record is still being written. Only for a ring that nobody fills any more. */
int consumer__drain(struct consumer *consumer, struct failure *failure);

/* Whether everything that was reserved has been read. */
bool consumer__is_drained(const struct consumer *consumer);

/* Also for a consumer that was not opened. */
void consumer__close(struct consumer *consumer);

#endif /* CONSUMER_H */
