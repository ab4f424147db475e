// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* RUSAGE_THREAD */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

#include "loop.h"

#define TICK_NS (100 * NSEC_PER_MSEC)
#define TICKS_PER_PROGRESS 10

/* How long records may be missing after the program was detached. */
#define SETTLE_MAX_NS (500 * NSEC_PER_MSEC)

static __u64 min(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

/*
 * Whether this thread gave its CPU away since the last look. One look a wait is enough: between two waits it only reads
 * memory, and looks again after it did more.
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

/* Waits for data, and counts a wakeup if data ended the wait and the thread had gone to sleep in it. */
static void wait_for_data(struct consumer *consumer, __u64 timeout_ns)
{
	__u64 timeout_ms = (timeout_ns + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
	struct epoll_event event;
	int nr_ready = epoll_wait(consumer->epoll_fd, &event, 1, timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms);
	int err = errno;

	if (has_slept(consumer) && nr_ready > 0)
		consumer->totals.wakeups++;
	if (nr_ready < 0 && err != EINTR)
		fail(FAILURE_INTERNAL, NULL, "cannot wait for data: %s", strerror(err));
}

static void on_tick(struct consumer *consumer, const struct args *args, __u64 now, __u64 nr_tick)
{
	if (args->verbose && nr_tick % TICKS_PER_PROGRESS == 0)
		fprintf(stderr, "%llu s: %llu events received\n", nr_tick / TICKS_PER_PROGRESS,
			consumer->totals.received);
	if (args->jsonl)
		message__counters(stdout, now, &consumer->totals);
	has_slept(consumer); /* writing is no wakeup */
}

/*
 * How long to wait for data: until a tick, but not one that is close. A tick in the middle of a burst would wake a
 * consumer that then chases the producer record by record; it comes late instead, with the wakeup at the burst's end.
 */
static __u64 longest_wait(__u64 now, __u64 next_tick, __u64 deadline)
{
	__u64 wait_ns = next_tick - now;

	return min(wait_ns < TICK_NS / 2 ? wait_ns + TICK_NS : wait_ns, deadline - now);
}

/* Leaves the ring alone until then; a signal ends it. */
static void sleep_until(__u64 end)
{
	const struct timespec t = {.tv_sec = end / NSEC_PER_SEC, .tv_nsec = end % NSEC_PER_SEC};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

__u64 loop__read(const struct mechanism *mechanism, struct consumer *consumer, const struct args *args, __u64 next_tick,
		 __u64 deadline)
{
	__u64 now = clock__now_ns(), next_look = now, nr_tick = 0, missed;
	int count = 0;

	has_slept(consumer);
	while (!stop__signalled() && now < deadline) {
		/* A tick alone is no reason to look: with a timer that would shorten its time. */
		if (now >= next_look) {
			count = mechanism->consume(consumer);
			now = clock__now_ns();
			if (consumer->timer_ns && count < CONSUMER_MAX_RECORDS)
				next_look = now + consumer->timer_ns;
		}
		if (now >= next_tick) {
			/* On an absolute schedule: ticks that were slept through are skipped, not made up for. */
			missed = (now - next_tick) / TICK_NS;
			nr_tick += missed + 1;
			next_tick += (missed + 1) * TICK_NS;
			on_tick(consumer, args, now, nr_tick);
			if (stop__input_ended())
				break;
		}
		/* Fewer than asked for: the mechanism has looked again and found nothing. */
		if (count == CONSUMER_MAX_RECORDS || now >= deadline)
			continue;
		if (consumer->timer_ns) {
			sleep_until(min(min(next_look, next_tick), deadline));
			now = clock__now_ns();
		} else {
			wait_for_data(consumer, longest_wait(now, next_tick, deadline));
		}
	}
	return clock__now_ns();
}

void loop__consume(const struct mechanism *mechanism, struct consumer *consumer, const struct args *args,
		   struct summary *summary)
{
	const __u64 start = clock__now_ns();

	summary->elapsed_ns = loop__read(mechanism, consumer, args, start + TICK_NS, start + args->duration_ns) - start;
	if (mechanism->stop)
		mechanism->stop(consumer);
	summary->at_stop = consumer->totals;
}

void loop__settle(const struct mechanism *mechanism, struct consumer *consumer, struct program *program,
		  struct summary *summary)
{
	const struct timespec pause = {.tv_nsec = NSEC_PER_MSEC};
	__u64 deadline;

	program__detach(program);
	deadline = clock__now_ns() + SETTLE_MAX_NS;
	for (;;) {
		while (mechanism->consume(consumer) > 0)
			;
		program__read_counters(program, &summary->kernel);
		/* A record may still be being written when the wait for running programs was not possible. */
		if (mechanism->is_drained() && summary->kernel.submitted == consumer->totals.received)
			break;
		if (clock__now_ns() >= deadline)
			break; /* the summary shows the imbalance */
		nanosleep(&pause, NULL);
	}
	summary->user = consumer->totals;
}
