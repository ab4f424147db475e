// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* RUSAGE_THREAD */
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "abi.h"
#include "clock.h"
#include "consumer.h"
#include "extra_work.h"
#include "latency.h"

static int on_record(void *context, void *data, size_t size)
{
	struct consumer *consumer = context;
	const struct event *event = data;

	consumer->totals.marks += event->mark;
	consumer->totals.received++;
	consumer->totals.bytes += size;
	extra_work();
	return 0;
}

static int on_record_with_latency(void *context, void *data, size_t size)
{
	struct consumer *consumer = context;
	const struct event *event = data;

	latency__record(consumer->latency, clock__now_ns() - event->ktime_ns);
	return on_record(context, data, size);
}

static int cannot_wait(struct failure *failure)
{
	return failure__set(failure, FAILURE_INTERNAL, NULL, "cannot wait for the ring buffer: %s", strerror(errno));
}

/* Beside libbpf's own, which is level-triggered: a wait there returns at once while anything is in the ring. */
static int open_edge(struct consumer *consumer, int map_fd, struct failure *failure)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};

	consumer->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (consumer->epoll_fd < 0)
		return cannot_wait(failure);
	consumer->edge = true;
	return epoll_ctl(consumer->epoll_fd, EPOLL_CTL_ADD, map_fd, &event) ? cannot_wait(failure) : 0;
}

int consumer__open(struct consumer *consumer, int map_fd, bool edge, struct hdr_histogram *latency,
		   struct failure *failure)
{
	*consumer = (struct consumer){.latency = latency};
	consumer->manager = ring_buffer__new(map_fd, latency ? on_record_with_latency : on_record, consumer, NULL);
	if (!consumer->manager)
		return failure__set(failure, FAILURE_INTERNAL, NULL, "cannot map the ring buffer: %s", strerror(errno));
	consumer->ring = ring_buffer__ring(consumer->manager, 0);
	if (edge)
		return open_edge(consumer, map_fd, failure);
	consumer->epoll_fd = ring_buffer__epoll_fd(consumer->manager);
	return 0;
}

static int consume(struct consumer *consumer, int max, struct failure *failure)
{
	/* Not ring_buffer__poll or __consume: they return only once the producer pauses. */
	int count = ring_buffer__consume_n(consumer->manager, max);

	if (count >= 0)
		return count;
	return failure__set(failure, FAILURE_INTERNAL, NULL, "cannot read the ring buffer: %s", strerror(-count));
}

/*
 * libbpf stores the consumer's position and then loads the producer's and the record's header without a full barrier:
 * they may be older than the store. The kernel writes a record's header, full barrier, and looks at the consumer's
 * position whether to wake it. So both may miss each other's write: libbpf sees an empty ring (or a record that is not
 * ready), the kernel a consumer that has more to read. Nobody is woken, and a wait for an edge is without end.
 * Therefore the ring is looked at once more behind a full barrier, until such a look finds nothing: from then on the
 * kernel sees the position.
 */
static int consume_to_the_end(struct consumer *consumer, int count, struct failure *failure)
{
	while (count < CONSUMER_MAX_RECORDS) {
		unsigned long position = ring__consumer_pos(consumer->ring);
		int more;

		atomic_thread_fence(memory_order_seq_cst);
		more = consume(consumer, CONSUMER_MAX_RECORDS - count, failure);
		if (more < 0)
			return -1;
		count += more;
		/* By the position: discarded records do not count, and move it too. */
		if (ring__consumer_pos(consumer->ring) == position)
			break;
	}
	return count;
}

int consumer__consume(struct consumer *consumer, struct failure *failure)
{
	int count = consume(consumer, CONSUMER_MAX_RECORDS, failure);

	return consumer->edge && count >= 0 ? consume_to_the_end(consumer, count, failure) : count;
}

/*
 * Whether this thread gave its CPU away since the last look. One look a wait is enough: between two waits it only reads
 * memory, and says so when it does more.
 */
static bool has_slept(struct consumer *consumer)
{
	struct rusage usage;
	bool slept;

	if (getrusage(RUSAGE_THREAD, &usage))
		return false;
	slept = usage.ru_nvcsw != consumer->nr_switches;
	consumer->nr_switches = usage.ru_nvcsw;
	return slept;
}

void consumer__stay_awake(struct consumer *consumer)
{
	has_slept(consumer);
}

int consumer__wait(struct consumer *consumer, __u64 timeout_ns, struct failure *failure)
{
	__u64 timeout_ms = (timeout_ns + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
	struct epoll_event event;
	int nr_ready = epoll_wait(consumer->epoll_fd, &event, 1, timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms);
	int err = errno;

	if (has_slept(consumer) && nr_ready > 0)
		consumer->totals.wakeups++;
	if (nr_ready >= 0 || err == EINTR)
		return 0;
	errno = err;
	return cannot_wait(failure);
}

int consumer__drain(struct consumer *consumer, struct failure *failure)
{
	int count;

	do
		count = consumer__consume(consumer, failure);
	while (count > 0);
	return count;
}

bool consumer__is_drained(const struct consumer *consumer)
{
	return ring__consumer_pos(consumer->ring) == ring__producer_pos(consumer->ring);
}

void consumer__close(struct consumer *consumer)
{
	if (consumer->edge)
		close(consumer->epoll_fd);
	consumer->edge = false;
	ring_buffer__free(consumer->manager);
	consumer->manager = NULL;
}
