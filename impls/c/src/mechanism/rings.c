// SPDX-License-Identifier: MIT
/* A ring buffer for each CPU, read by libbpf: by one thread, or by one for each. */
#define _GNU_SOURCE /* pthread_tryjoin_np */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"
#include "mechanism.h"

/* A ring, and its reader in a thread of its own; of that all but `shown` is for that thread alone while it runs. */
struct own_ring {
	struct consumer consumer; /* first: by it the loop hands back the ring */
	struct {
		_Atomic __u64 received, bytes, wakeups;
	} shown;
	struct ring_buffer *manager; /* with one thread the first ring has all */
	struct ring *ring;
	const struct args *args;
	pthread_t thread;
	int cpu;
	int map_fd;
} __attribute__((aligned(128))); /* two cache lines, which processors fetch in pairs */

static struct own_ring *all;
static int nr_all;
static bool is_threaded, is_running;

static void check(void)
{
	const char *waiting = getenv("RUNNER_WAITING");

	ringbuf.check();
	if (waiting && strcmp(waiting, "level"))
		fail(FAILURE_UNSUPPORTED, NULL, "the variant that waits for edges reads one ring buffer only");
}

static int open_object(struct skeleton *skeleton, __u32 bytes)
{
	int err = ringbuf_throughput__open(skeleton), nr_cpus = libbpf_num_possible_cpus();

	(void)bytes; /* each ring's, which are made later */
	if (err || nr_cpus < 0)
		return err ? err : nr_cpus;
	return bpf_map__set_max_entries(skeleton->maps.rings, nr_cpus);
}

static int create_one(const struct bpf_map *map, const struct args *args, int cpu, __u32 *id)
{
	struct own_ring *ring = &all[nr_all];
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	*ring = (struct own_ring){.cpu = cpu, .args = args};
	ring->map_fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "events", 0, 0, args->ring_size, NULL);
	if (ring->map_fd < 0 || bpf_map_get_info_by_fd(ring->map_fd, &info, &size) ||
	    bpf_map__update_elem(map, &cpu, sizeof(cpu), &ring->map_fd, sizeof(ring->map_fd), BPF_ANY))
		return -errno;
	*id = info.id;
	nr_all++;
	return 0;
}

static int create(const struct skeleton *skeleton, const struct args *args, struct ready *ready)
{
	FILE *online = fopen("/sys/devices/system/cpu/online", "re"); /* such as `0-3,5` */
	int nr_cpus = libbpf_num_possible_cpus(), cpu, last, err = 0;

	all = aligned_alloc(_Alignof(struct own_ring), nr_cpus * sizeof(*all));
	if (!online || !all)
		return -errno;
	while (!err && fscanf(online, "%d", &cpu) == 1) {
		if (fscanf(online, "-%d", &last) != 1)
			last = cpu;
		for (; !err && cpu <= last && nr_all < nr_cpus && nr_all < MAX_RINGS; cpu++)
			err = create_one(skeleton->maps.rings, args, cpu, &ready->map_ids[ready->nr_maps++]);
		fscanf(online, ",");
	}
	fclose(online);
	return err;
}

/* At most so much at a time, so that none starves the others. */
static int consume_one(struct own_ring *ring)
{
	int count = ring__consume_n(ring->ring, CONSUMER_MAX_RECORDS);

	if (count < 0)
		fail(FAILURE_INTERNAL, NULL, "cannot read a ring buffer: %s", strerror(-count));
	return count;
}

static int consume_own(struct consumer *consumer)
{
	struct own_ring *ring = (struct own_ring *)consumer;
	int count = consume_one(ring);

	atomic_store_explicit(&ring->shown.received, consumer->totals.received, memory_order_relaxed);
	atomic_store_explicit(&ring->shown.bytes, consumer->totals.bytes, memory_order_relaxed);
	atomic_store_explicit(&ring->shown.wakeups, consumer->totals.wakeups, memory_order_relaxed);
	return count;
}

static const struct mechanism own = {.consume = consume_own};

static void *run(void *ring)
{
	loop__read(&own, ring, ((struct own_ring *)ring)->args, NEVER, NEVER);
	return NULL;
}

static void open_one(struct own_ring *ring, const struct consumer *consumer, struct ring_buffer **manager)
{
	ring_buffer_sample_fn callback = ringbuf__callback(consumer);
	int err = 0;

	if (consumer->latency && hdr_init(1, LATENCY_HIGHEST_NS, 3, &ring->consumer.latency))
		fail(FAILURE_INTERNAL, NULL, "no memory for a latency histogram");
	if (*manager)
		err = ring_buffer__add(*manager, ring->map_fd, callback, &ring->consumer);
	else
		*manager = ring_buffer__new(ring->map_fd, callback, &ring->consumer, NULL);
	if (err || !*manager)
		fail(FAILURE_INTERNAL, NULL, "cannot map a ring buffer: %s", strerror(errno));
	ring->ring = ring_buffer__ring(*manager, is_threaded ? 0 : ring - all);
	ring->consumer.epoll_fd = ring_buffer__epoll_fd(*manager);
	ring->consumer.timer_ns = consumer->timer_ns;
}

static void open_rings(struct consumer *consumer, const struct skeleton *skeleton, const struct args *args)
{
	int i, err;

	(void)skeleton; /* create() has made them */
	is_threaded = args->threads;
	for (i = 0; i < nr_all; i++)
		open_one(&all[i], consumer, is_threaded ? &all[i].manager : &all[0].manager);
	consumer->epoll_fd = all[0].consumer.epoll_fd;
	if (!is_threaded)
		return;
	/* Only the clock wakes this thread, and signals, which come to the first thread of a process. */
	consumer->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	consumer->timer_ns = 0;
	is_running = true;
	for (i = 0; i < nr_all; i++) {
		err = pthread_create(&all[i].thread, NULL, run, &all[i]);
		if (err)
			fail(FAILURE_INTERNAL, NULL, "cannot start a thread: %s", strerror(err));
	}
}

static void add_up(struct totals *sum)
{
	int i;

	*sum = (struct totals){.wakeups = is_threaded ? 0 : sum->wakeups};
	for (i = 0; i < nr_all; i++) {
		const struct own_ring *ring = &all[i];
		const struct totals *totals = &ring->consumer.totals;

		if (is_running) {
			sum->received += atomic_load_explicit(&ring->shown.received, memory_order_relaxed);
			sum->bytes += atomic_load_explicit(&ring->shown.bytes, memory_order_relaxed);
			sum->wakeups += atomic_load_explicit(&ring->shown.wakeups, memory_order_relaxed);
			continue;
		}
		sum->received += totals->received;
		sum->bytes += totals->bytes;
		sum->marks += totals->marks;
		sum->wakeups += totals->wakeups;
	}
}

static int consume(struct consumer *consumer)
{
	int i, count, most = 0;

	for (i = 0; i < nr_all && !is_running; i++) {
		count = consume_one(&all[i]);
		most = count > most ? count : most;
	}
	add_up(&consumer->totals);
	return most;
}

static void stop(struct consumer *consumer)
{
	const struct timespec pause = {.tv_nsec = NSEC_PER_MSEC};
	int i;

	/* All at once, lest each ring fills while the ones before it are waited for. */
	for (i = 0; i < nr_all && is_running; i++)
		pthread_kill(all[i].thread, SIGTERM);
	for (i = 0; i < nr_all && is_running; i++) {
		/* Until it has ended: a signal may come between its look at whether one has come and its wait. */
		while (pthread_tryjoin_np(all[i].thread, NULL) == EBUSY) {
			pthread_kill(all[i].thread, SIGTERM);
			nanosleep(&pause, NULL);
		}
	}
	is_running = false;
	add_up(&consumer->totals);
}

static bool is_drained(void)
{
	int i;

	for (i = 0; i < nr_all; i++)
		if (ring__consumer_pos(all[i].ring) != ring__producer_pos(all[i].ring))
			return false;
	return true;
}

static void sum_up(struct consumer *consumer, struct summary *summary)
{
	int i;

	summary->nr_rings = nr_all;
	summary->rings = calloc(nr_all, sizeof(*summary->rings));
	if (!summary->rings)
		fail(FAILURE_INTERNAL, NULL, "no memory for the summary");
	for (i = 0; i < nr_all; i++) {
		struct consumer *own = &all[i].consumer;

		summary->rings[i] = (struct ring_summary){all[i].cpu, own->totals.received, own->latency};
		if (own->latency)
			hdr_add(consumer->latency, own->latency);
	}
}

static void close_rings(struct consumer *consumer)
{
	int i;

	(void)consumer;
	for (i = 0; i < nr_all; i++)
		ring_buffer__free(all[i].manager);
}

const struct mechanism rings = {
	.check = check,
	.open_object = open_object,
	.create = create,
	.open = open_rings,
	.consume = consume,
	.is_drained = is_drained,
	.stop = stop,
	.sum_up = sum_up,
	.close = close_rings,
};
