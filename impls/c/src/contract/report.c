// SPDX-License-Identifier: MIT
/* What a person reads. */
#include <bpf/libbpf.h>
#include <hdr_histogram.h>

#include "clock.h"
#include "contract.h"

/* 20 digits, 6 commas and the terminator. */
#define GROUPED_LEN 27
#define GROUPED(number) grouped((char[GROUPED_LEN]){}, number)

/* The number with a comma between thousands, written from the end of `text`. */
static const char *grouped(char text[static GROUPED_LEN], __u64 number)
{
	char *c = text + GROUPED_LEN - 1;
	int digits = 0;

	do {
		if (digits && digits % 3 == 0)
			*--c = ',';
		*--c = '0' + number % 10;
		digits++;
		number /= 10;
	} while (number);
	return c;
}

void report__version(FILE *out)
{
	fprintf(out, "ringbuf_throughput %s (%s, libbpf %u.%u, protocol 2)\n", RUNNER_VERSION, RUNNER_NAME,
		libbpf_major_version(), libbpf_minor_version());
}

static void print_latency(FILE *out, const struct hdr_histogram *latency)
{
	fprintf(out, "latency      P50 %s ns, P95 %s ns, P99 %s ns, P99.9 %s ns, max %s ns\n",
		GROUPED(hdr_value_at_percentile(latency, 50)), GROUPED(hdr_value_at_percentile(latency, 95)),
		GROUPED(hdr_value_at_percentile(latency, 99)), GROUPED(hdr_value_at_percentile(latency, 99.9)),
		GROUPED(hdr_max(latency)));
}

void report__print(FILE *out, const struct ready *ready, const struct summary *summary,
		   const struct hdr_histogram *latency)
{
	const struct counters *kernel = &summary->kernel;
	double seconds = (double)(summary->elapsed_ns ? summary->elapsed_ns : 1) / NSEC_PER_SEC;
	bool balanced =
		kernel->attempted == kernel->submitted + kernel->dropped && kernel->submitted == summary->user.received;

	report__version(out);
	fprintf(out, "\nprogram      %s %s\n", ready->program_type, ready->attach_target);
	fprintf(out, "elapsed      %.3f s\n", seconds);
	fprintf(out, "events       %s received of %s attempted\n", GROUPED(summary->user.received),
		GROUPED(kernel->attempted));
	fprintf(out, "dropped      %s (%.2f %%)\n", GROUPED(kernel->dropped),
		kernel->attempted ? 100.0 * kernel->dropped / kernel->attempted : 0);
	fprintf(out, "throughput   %s events/s, %.2f MB/s\n",
		GROUPED((__u64)(summary->at_stop.received / seconds + 0.5)), summary->at_stop.bytes / seconds / 1e6);
	fprintf(out, "wakeups      %s\n", GROUPED(summary->user.wakeups));
	if (summary->user.received)
		print_latency(out, latency);
	else
		fputs("latency      none recorded\n", out);
	fprintf(out,
		balanced ? "accounting   balanced\n" :
			   "accounting   NOT BALANCED: attempted %llu, submitted %llu, dropped %llu, received %llu\n",
		kernel->attempted, kernel->submitted, kernel->dropped, summary->user.received);
	if (kernel->attempted == 0)
		fputs("\nhint: nothing triggered the program; run `orchestrator load` in another terminal\n", out);
	output__flush(out);
}
