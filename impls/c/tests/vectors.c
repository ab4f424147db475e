// SPDX-License-Identifier: MIT
/*
 * The runner's own functions on fixed values, for the unit tests in this folder. Each returns text that the caller
 * frees, or NULL when there is no memory.
 */
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "latency.h"
#include "protocol.h"
#include "report.h"

char *vectors__protocol_lines(void);
char *vectors__report(__u64 attempted, __u64 submitted, __u64 dropped, __u64 received, __u64 drained);
char *vectors__error_line(const char *message);
char *vectors__histogram(const __u64 *delays_ns, size_t count);

static const struct hello hello = {
	.implementation = "example",
	.framework = "example-bpf",
	.framework_version = "1.2.3",
	.pid = 4242,
};

static const struct ready ready = {
	.program_ids = {7},
	.nr_programs = 1,
	.map_ids = {11, 12, 13},
	.nr_maps = 3,
	.load_ns = 2500000,
	.attach_ns = 40000,
	.program_type = "tracepoint",
	.attach_target = "syscalls/sys_enter_openat2",
};

char *vectors__protocol_lines(void)
{
	const struct totals user = {.received = 23, .bytes = 1472, .marks = ~0ULL, .wakeups = 5};
	const struct summary summary = {
		.elapsed_ns = 10 * NSEC_PER_SEC,
		.attempted = 25,
		.submitted = 23,
		.dropped = 2,
		.dropped_marks = 12884901888ULL,
		.user = user,
	};
	struct failure unsupported, internal;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	failure__set(&unsupported, FAILURE_UNSUPPORTED,
		     "use `--program-type tracepoint`, or a kernel built with CONFIG_KPROBES=y",
		     "this kernel has no kprobes (CONFIG_KPROBES is off)");
	failure__set(&internal, FAILURE_INTERNAL, NULL, "a \"quoted\"\tname\\");
	protocol__hello(out, &hello);
	protocol__ready(out, &ready);
	protocol__counters(out, 123456789012ULL, &user);
	protocol__summary(out, &summary);
	protocol__error(out, &unsupported);
	protocol__error(out, &internal);
	fclose(out);
	return text;
}

char *vectors__report(__u64 attempted, __u64 submitted, __u64 dropped, __u64 received, __u64 drained)
{
	const struct percentiles percentiles = {10000, 20000, 30000, 40000, 50000};
	const struct summary summary = {
		.elapsed_ns = 10 * NSEC_PER_SEC,
		.attempted = attempted,
		.submitted = submitted,
		.dropped = dropped,
		.user = {.received = received, .bytes = received * 64, .wakeups = 12345},
		.at_stop = {.received = received - drained, .bytes = (received - drained) * 64},
	};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	report__print(out, &hello, &ready, &summary, received ? &percentiles : NULL);
	fclose(out);
	return text;
}

char *vectors__error_line(const char *message)
{
	struct failure failure;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	failure__set(&failure, FAILURE_INTERNAL, NULL, "%s", message);
	protocol__error(out, &failure);
	fclose(out);
	return text;
}

char *vectors__histogram(const __u64 *delays_ns, size_t count)
{
	struct hdr_histogram *histogram = latency__new();
	char *text = NULL;
	size_t i;

	if (!histogram)
		return NULL;
	for (i = 0; i < count; i++)
		latency__record(histogram, delays_ns[i]);
	text = latency__encode(histogram);
	free(histogram);
	return text;
}
