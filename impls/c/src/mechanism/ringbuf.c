// SPDX-License-Identifier: MIT
/* The ring buffer, read by libbpf: the part that is measured. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "mechanism.h"

static struct ring_buffer *manager;
static struct ring *ring;

/*
 * Whether a wait is ended by a wakeup, not by what lies in the ring: the variant `c+edge`. The flags are those of every
 * runner, so they do not say it.
 */
static bool is_edge;

static void check(void)
{
	const char *waiting = getenv("RUNNER_WAITING");

	is_edge = waiting && strcmp(waiting, "edge") == 0;
	if (waiting && !is_edge && strcmp(waiting, "level"))
		fail_value("RUNNER_WAITING", waiting, "level or edge");
}

static int open_object(struct skeleton *skeleton, __u32 bytes)
{
	int err = ringbuf_throughput__open(skeleton);

	return err ? err : bpf_map__set_max_entries(skeleton->maps.events, bytes);
}

static int on_record(void *consumer, void *event, size_t size)
{
	count_record(consumer, event, size);
	return 0;
}

static int on_record_with_latency(void *consumer, void *event, size_t size)
{
	count_record_with_latency(consumer, event, size);
	return 0;
}

ring_buffer_sample_fn ringbuf__callback(const struct consumer *consumer)
{
	return consumer->latency ? on_record_with_latency : on_record;
}

/* Beside libbpf's own, which is level-triggered: a wait there returns at once while anything is in the ring. */
static int open_edge(int map_fd)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

	if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, map_fd, &event))
		fail(FAILURE_INTERNAL, NULL, "cannot wait for the ring buffer: %s", strerror(errno));
	return epoll_fd;
}

static void open_ring(struct consumer *consumer, const struct skeleton *skeleton, const struct args *args)
{
	int map_fd = bpf_map__fd(skeleton->maps.events);

	(void)args;
	manager = ring_buffer__new(map_fd, ringbuf__callback(consumer), consumer, NULL);
	if (!manager)
		fail(FAILURE_INTERNAL, NULL, "cannot map the ring buffer: %s", strerror(errno));
	ring = ring_buffer__ring(manager, 0);
	consumer->epoll_fd = is_edge ? open_edge(map_fd) : ring_buffer__epoll_fd(manager);
}

static int consume_at_most(int max)
{
	/* Not ring_buffer__poll or __consume: they return only once the producer pauses. */
	int count = ring_buffer__consume_n(manager, max);

	if (count < 0)
		fail(FAILURE_INTERNAL, NULL, "cannot read the ring buffer: %s", strerror(-count));
	return count;
}

/*
 * libbpf stores the consumer's position and then loads the producer's and the record's header without a full barrier:
 * they may be older than the store. The kernel writes a record's header, full barrier, and looks at the consumer's
 * position whether to wake it. So both may miss each other's write: libbpf sees an empty ring (or a record that is not
 * ready), the kernel a consumer that has more to read. Nobody is woken, and a wait for an edge is without end.
 * Therefore the ring is looked at once more behind a full barrier, until such a look finds nothing: from then on the
 * kernel sees the position.
 */
static int consume_to_the_end(int count)
{
	while (count < CONSUMER_MAX_RECORDS) {
		unsigned long position = ring__consumer_pos(ring);

		atomic_thread_fence(memory_order_seq_cst);
		count += consume_at_most(CONSUMER_MAX_RECORDS - count);
		/* By the position: discarded records do not count, and move it too. */
		if (ring__consumer_pos(ring) == position)
			break;
	}
	return count;
}

static int consume(struct consumer *consumer)
{
	int count = consume_at_most(CONSUMER_MAX_RECORDS);

	(void)consumer; /* libbpf has it */
	return is_edge ? consume_to_the_end(count) : count;
}

static bool is_drained(void)
{
	return ring__consumer_pos(ring) == ring__producer_pos(ring);
}

static void close_ring(struct consumer *consumer)
{
	if (is_edge)
		close(consumer->epoll_fd);
	ring_buffer__free(manager);
}

const struct mechanism ringbuf = {
	.check = check,
	.open_object = open_object,
	.open = open_ring,
	.consume = consume,
	.is_drained = is_drained,
	.close = close_ring,
};
