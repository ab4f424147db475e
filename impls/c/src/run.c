// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <time.h>

#include "clock.h"
#include "run.h"
#include "stop.h"

#define TICK_NS (100 * NSEC_PER_MSEC)
#define TICKS_PER_PROGRESS 10

/* How long records may be missing after the program was detached. */
#define SETTLE_MAX_NS (500 * NSEC_PER_MSEC)

static __u64 min(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

static int on_tick(struct consumer *consumer, const struct args *args, __u64 now, __u64 nr_tick,
		   struct failure *failure)
{
	if (args->verbose && nr_tick % TICKS_PER_PROGRESS == 0)
		fprintf(stderr, "%llu s: %llu events received\n", nr_tick / TICKS_PER_PROGRESS,
			consumer->totals.received);
	if (args->jsonl && protocol__counters(stdout, now, &consumer->totals))
		return failure__output(failure);
	consumer__stay_awake(consumer);
	return 0;
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

int run__consume(struct consumer *consumer, const struct args *args, struct summary *summary, struct failure *failure)
{
	const __u64 start = clock__now_ns(), deadline = start + args->duration_ns;
	__u64 now = start, next_look = start, next_tick, nr_tick = 1;
	int count = 0;

	consumer__stay_awake(consumer);
	while (!stop__signalled() && now < deadline) {
		/* A tick alone is no reason to look: with a timer that would shorten its time. */
		if (now >= next_look) {
			count = consumer__consume(consumer, failure);
			if (count < 0)
				return -1;
			now = clock__now_ns();
			if (args->wakeup == BENCH_WAKEUP_TIMER && count < CONSUMER_MAX_RECORDS)
				next_look = now + args->timer_ns;
		}
		if (now >= start + nr_tick * TICK_NS) {
			/* On an absolute schedule: ticks that were slept through are skipped, not made up for. */
			nr_tick = (now - start) / TICK_NS;
			if (on_tick(consumer, args, now, nr_tick, failure))
				return -1;
			nr_tick++;
			if (stop__input_ended())
				break;
		}
		/* Fewer than asked for: libbpf has looked again and seen an empty ring. */
		if (count == CONSUMER_MAX_RECORDS || now >= deadline)
			continue;
		next_tick = start + nr_tick * TICK_NS;
		if (args->wakeup == BENCH_WAKEUP_TIMER) {
			sleep_until(min(min(next_look, next_tick), deadline));
			now = clock__now_ns();
		} else if (consumer__wait(consumer, longest_wait(now, next_tick, deadline), failure)) {
			return -1;
		}
	}
	summary->elapsed_ns = clock__now_ns() - start;
	summary->at_stop = consumer->totals;
	return 0;
}

int run__settle(struct consumer *consumer, struct program *program, struct summary *summary, struct failure *failure)
{
	const struct timespec pause = {.tv_nsec = NSEC_PER_MSEC};
	struct counters counters;
	__u64 deadline;

	program__detach(program);
	deadline = clock__now_ns() + SETTLE_MAX_NS;
	for (;;) {
		if (consumer__drain(consumer, failure) || program__read_counters(program, &counters, failure))
			return -1;
		/* A record may still be being written when the wait for running programs was not possible. */
		if (consumer__is_drained(consumer) && counters.submitted == consumer->totals.received)
			break;
		if (clock__now_ns() >= deadline)
			break; /* the summary shows the imbalance */
		nanosleep(&pause, NULL);
	}
	summary->attempted = counters.attempted;
	summary->submitted = counters.submitted;
	summary->dropped = counters.dropped;
	summary->dropped_marks = counters.dropped_marks;
	summary->user = consumer->totals;
	return 0;
}
