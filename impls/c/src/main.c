// SPDX-License-Identifier: MIT
/*
 * The C runner of ringbuf_throughput: libbpf as its own authors use it. The order is fixed: arguments, signals, open,
 * set, load, attach, ring, loop, and one way out.
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "clock.h"
#include "consumer.h"
#include "help.h"
#include "kernel.h"
#include "latency.h"
#include "program.h"
#include "protocol.h"
#include "report.h"
#include "run.h"
#include "stop.h"
#include "tracefs.h"
#include "usage.h"
#include "verifier_log.h"

static int check_kernel(const struct args *args, struct failure *failure)
{
	if (kernel__check_privileges(failure))
		return -1;
	switch (args->program_type) {
	case PROGRAM_TRACEPOINT:
		return tracefs__check(args->attach_target, failure);
	case PROGRAM_KPROBE:
		return kernel__check_kprobes(failure);
	default:
		return 0;
	}
}

/* Which variant of the runner this is. The flags are those of every runner, so they do not say it. */
static int check_waiting(bool *edge, struct failure *failure)
{
	const char *waiting = getenv("RUNNER_WAITING");

	*edge = waiting && strcmp(waiting, "edge") == 0;
	if (!waiting || *edge || strcmp(waiting, "level") == 0)
		return 0;
	return usage__bad_value(failure, "RUNNER_WAITING", waiting, "level or edge");
}

static int print_result(const struct args *args, const struct hello *hello, const struct ready *ready,
			struct summary *summary, struct hdr_histogram *latency, struct failure *failure)
{
	struct percentiles percentiles;
	char *encoded = NULL;
	int err;

	if (!args->jsonl) {
		percentiles = latency__percentiles(latency);
		err = report__print(stdout, hello, ready, summary, summary->user.received ? &percentiles : NULL);
	} else {
		if (latency) {
			encoded = latency__encode(latency);
			if (!encoded)
				return failure__set(failure, FAILURE_INTERNAL, NULL,
						    "cannot encode the latency histogram");
		}
		summary->latency = encoded;
		err = protocol__summary(stdout, summary);
		free(encoded);
	}
	return err ? failure__output(failure) : 0;
}

static int run(const struct args *args, const struct hello *hello, struct failure *failure)
{
	struct ready ready = {.attach_target = args->attach_target};
	struct hdr_histogram *latency = NULL;
	struct program program = {};
	struct consumer consumer = {};
	struct summary summary = {};
	__u64 start;
	bool edge;
	int err = -1;

	verifier_log__listen(args->verbose);
	if (check_waiting(&edge, failure) || check_kernel(args, failure))
		goto cleanup;
	if (args->cpu != CPU_UNPINNED && kernel__pin_to(args->cpu, failure))
		goto cleanup;
	if (args->latency) {
		latency = latency__new();
		if (!latency) {
			failure__set(failure, FAILURE_INTERNAL, NULL, "no memory for the latency histogram");
			goto cleanup;
		}
	}

	start = clock__now_ns();
	if (program__open(&program, args, failure) || program__set(&program, args, failure) ||
	    program__load(&program, failure))
		goto cleanup;
	ready.load_ns = clock__now_ns() - start;

	/* Mapped before attaching, so that nothing has to wait for its reader. */
	if (consumer__open(&consumer, bpf_map__fd(program.events), edge, latency, failure))
		goto cleanup;

	start = clock__now_ns();
	if (program__attach(&program, failure))
		goto cleanup;
	ready.attach_ns = clock__now_ns() - start;

	ready.program_type = args__program_type_name(args->program_type);
	if (program__read_ids(&program, &ready, failure))
		goto cleanup;
	if (args->jsonl && protocol__ready(stdout, &ready)) {
		failure__output(failure);
		goto cleanup;
	}
	if (args->verbose)
		fprintf(stderr, "attached to %s %s\n", ready.program_type, ready.attach_target);

	if (run__consume(&consumer, args, &summary, failure) || run__settle(&consumer, &program, &summary, failure))
		goto cleanup;
	err = print_result(args, hello, &ready, &summary, latency, failure);

cleanup:
	consumer__close(&consumer);
	program__destroy(&program);
	free(latency);
	return err;
}

static int print_failure(const struct args *args, const struct failure *failure)
{
	fprintf(stderr, "error: %s\n", failure->message);
	if (failure->hint[0])
		fprintf(stderr, "\nhint: %s\n", failure->hint);
	if (args->jsonl)
		protocol__error(stdout, failure); /* the exit status tells, should this fail too */
	return failure__exit_status(failure);
}

static int print_about(enum action action, const struct hello *hello)
{
	if (action == ACTION_HELP)
		fputs(help_text, stdout);
	else
		report__version(stdout, hello);
	return fflush(stdout) || ferror(stdout) ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct failure failure = {};
	struct args args;
	char version[16];
	const struct hello hello = {
		.implementation = RUNNER_NAME,
		.framework = "libbpf",
		.framework_version = version,
		.pid = getpid(),
	};
	int bad_args;

	stop__listen();
	snprintf(version, sizeof(version), "%u.%u", libbpf_major_version(), libbpf_minor_version());
	bad_args = args__parse(&args, argc, argv, &failure);
	if (!bad_args && args.action != ACTION_RUN) {
		if (print_about(args.action, &hello) == 0)
			return 0;
		failure__output(&failure);
		return print_failure(&args, &failure);
	}
	if (args.jsonl && protocol__hello(stdout, &hello))
		failure__output(&failure);
	else if (!bad_args && run(&args, &hello, &failure) == 0)
		return 0;
	return print_failure(&args, &failure);
}
