// SPDX-License-Identifier: MIT
/*
 * The C runner of ringbuf_throughput: libbpf as its own authors use it. The order is fixed: arguments, checks, load,
 * ring, attach, loop. Whatever goes wrong ends in fail().
 */
#define _GNU_SOURCE /* CPU sets */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "loop.h"
#include "type/type.h"

/* Every thread that is made later as well. */
static void pin_to(int cpu)
{
	cpu_set_t cpus[4096 / CPU_SETSIZE];
	char text[16];

	snprintf(text, sizeof(text), "%d", cpu);
	if (sched_getaffinity(0, sizeof(cpus), cpus) < 0 || !CPU_ISSET_S(cpu, sizeof(cpus), cpus))
		fail_value("--cpu", text, "a CPU on which this process may run");
	CPU_ZERO_S(sizeof(cpus), cpus);
	CPU_SET_S(cpu, sizeof(cpus), cpus);
	if (sched_setaffinity(0, sizeof(cpus), cpus))
		fail(FAILURE_INTERNAL, NULL, "cannot pin the runner to CPU %d: %s", cpu, strerror(errno));
}

int main(int argc, char **argv)
{
	const struct mechanism *mechanism;
	struct consumer consumer = {};
	struct summary summary = {};
	struct ready ready = {};
	struct program program;
	struct args args;
	__u64 start;

	stop__listen();
	args__parse(&args, argc, argv);
	mechanism = args.knobs.rings ? &rings : &ringbuf;
	consumer.timer_ns = args.knobs.wakeup == BENCH_WAKEUP_TIMER ? args.timer_ns : 0;
	if (args.jsonl)
		message__hello(stdout);
	if (args.cpu != CPU_UNPINNED)
		pin_to(args.cpu);
	mechanism->check();
	program__check(&args);
	if (args.latency && hdr_init(1, LATENCY_HIGHEST_NS, 3, &consumer.latency))
		fail(FAILURE_INTERNAL, NULL, "no memory for the latency histogram");

	start = clock__now_ns();
	program__load(&program, mechanism, &args, &ready);
	ready.load_ns = clock__now_ns() - start;
	/* Mapped before attaching, so that nothing has to wait for its reader. */
	mechanism->open(&consumer, &program.skeleton, &args);
	start = clock__now_ns();
	program__attach(&program);
	ready.attach_ns = clock__now_ns() - start;

	ready.program_type = args.type->name;
	ready.attach_target = args.attach_target;
	program__read_ids(&program, &ready);
	if (args.jsonl)
		message__ready(stdout, &ready);
	if (args.verbose)
		fprintf(stderr, "attached to %s %s\n", ready.program_type, ready.attach_target);

	loop__consume(mechanism, &consumer, &args, &summary);
	loop__settle(mechanism, &consumer, &program, &summary);
	if (mechanism->sum_up)
		mechanism->sum_up(&consumer, &summary);
	if (args.jsonl)
		message__summary(stdout, &summary, consumer.latency);
	else
		report__print(stdout, &ready, &summary, consumer.latency);

	mechanism->close(&consumer);
	bpf_object__close(program.skeleton.object);
	free(consumer.latency);
	return EXIT_SUCCESS;
}
