// SPDX-License-Identifier: MIT
/*
 * The runner's own functions on fixed values, for the unit tests in this folder. Each returns text that the caller
 * frees, or NULL when there is no memory.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mechanism/mechanism.h"

char *vectors__summary(void);
char *vectors__report(__u64 attempted, __u64 submitted, __u64 dropped, __u64 received, __u64 drained);
char *vectors__error_line(const char *message);
char *vectors__latency(const __u64 *delays_ns, size_t count);

static char *text;
static size_t size;

static struct hdr_histogram *histogram(const __u64 *delays_ns, size_t count)
{
	struct hdr_histogram *latency;
	size_t i;

	hdr_init(1, LATENCY_HIGHEST_NS, 3, &latency);
	for (i = 0; i < count; i++)
		record_delay(latency, delays_ns[i]);
	return latency;
}

static char *summary(struct summary summary, struct hdr_histogram *latency)
{
	FILE *out = open_memstream(&text, &size);

	message__summary(out, &summary, latency);
	fclose(out);
	free(latency);
	return text;
}

char *vectors__summary(void)
{
	return summary((struct summary){.elapsed_ns = 10 * NSEC_PER_SEC,
					.kernel = {25, 23, 2, 12884901888ULL},
					.user = {.received = 23, .bytes = 1472, .marks = ~0ULL, .wakeups = 5}},
		       NULL);
}

char *vectors__latency(const __u64 *delays_ns, size_t count)
{
	return summary((struct summary){}, histogram(delays_ns, count));
}

char *vectors__report(__u64 attempted, __u64 submitted, __u64 dropped, __u64 received, __u64 drained)
{
	const struct ready ready = {.program_type = "tracepoint", .attach_target = "syscalls/sys_enter_openat2"};
	const struct summary summary = {
		.elapsed_ns = 10 * NSEC_PER_SEC,
		.kernel = {attempted, submitted, dropped, 0},
		.user = {.received = received, .bytes = received * 64, .wakeups = 12345},
		.at_stop = {.received = received - drained, .bytes = (received - drained) * 64},
	};
	struct hdr_histogram *latency = histogram(NULL, 0);
	FILE *out = open_memstream(&text, &size);

	report__print(out, &ready, &summary, latency);
	fclose(out);
	free(latency);
	return text;
}

char *vectors__error_line(const char *message)
{
	FILE *out = open_memstream(&text, &size);

	message__error(out, FAILURE_INTERNAL, message, NULL);
	fclose(out);
	return text;
}
