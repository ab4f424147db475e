// SPDX-License-Identifier: MIT
#include "clock.h"
#include "report.h"

/* 20 digits, 6 commas and the terminator. */
#define GROUPED_LEN 27

/* Writes `number` with a comma between thousands. */
static const char *grouped(char text[static GROUPED_LEN], __u64 number)
{
	char digits[GROUPED_LEN];
	int length = snprintf(digits, sizeof(digits), "%llu", number), i;
	char *to = text;

	for (i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return text;
}

void report__version(FILE *out, const struct hello *hello)
{
	fprintf(out, "ringbuf_throughput %s (%s, %s %s, protocol %d)\n", RUNNER_VERSION, hello->implementation,
		hello->framework, hello->framework_version, PROTOCOL_VERSION);
}

static void print_throughput(FILE *out, const struct summary *summary)
{
	double seconds = (double)summary->elapsed_ns / NSEC_PER_SEC;
	double events_per_sec = seconds > 0 ? (double)summary->at_stop.received / seconds : 0;
	double bytes_per_sec = seconds > 0 ? (double)summary->at_stop.bytes / seconds : 0;
	char number[GROUPED_LEN];

	fprintf(out, "throughput   %s events/s, %.2f MB/s\n", grouped(number, (__u64)(events_per_sec + 0.5)),
		bytes_per_sec / 1e6);
}

static void print_latency(FILE *out, const struct percentiles *percentiles)
{
	char p50[GROUPED_LEN], p95[GROUPED_LEN], p99[GROUPED_LEN], p99_9[GROUPED_LEN], max[GROUPED_LEN];

	if (!percentiles) {
		fputs("latency      none recorded\n", out);
		return;
	}
	fprintf(out, "latency      P50 %s ns, P95 %s ns, P99 %s ns, P99.9 %s ns, max %s ns\n",
		grouped(p50, percentiles->p50), grouped(p95, percentiles->p95), grouped(p99, percentiles->p99),
		grouped(p99_9, percentiles->p99_9), grouped(max, percentiles->max));
}

static const char *before_equation(int failed)
{
	return failed ? "; " : "NOT BALANCED: ";
}

static void print_accounting(FILE *out, const struct summary *summary)
{
	int failed = 0;

	fputs("accounting   ", out);
	if (summary->attempted != summary->submitted + summary->dropped)
		fprintf(out, "%sattempted %llu != submitted %llu + dropped %llu", before_equation(failed++),
			summary->attempted, summary->submitted, summary->dropped);
	if (summary->submitted != summary->user.received + summary->lost)
		fprintf(out, "%ssubmitted %llu != received %llu", before_equation(failed++), summary->submitted,
			summary->user.received);
	fputs(failed ? "\n" : "balanced\n", out);
}

int report__print(FILE *out, const struct hello *hello, const struct ready *ready, const struct summary *summary,
		  const struct percentiles *percentiles)
{
	double dropped_percent = summary->attempted ? 100.0 * summary->dropped / summary->attempted : 0;
	char received[GROUPED_LEN], attempted[GROUPED_LEN], dropped[GROUPED_LEN], wakeups[GROUPED_LEN];

	report__version(out, hello);
	fprintf(out, "\nprogram      %s %s\n", ready->program_type, ready->attach_target);
	fprintf(out, "elapsed      %.3f s\n", (double)summary->elapsed_ns / NSEC_PER_SEC);
	fprintf(out, "events       %s received of %s attempted\n", grouped(received, summary->user.received),
		grouped(attempted, summary->attempted));
	fprintf(out, "dropped      %s (%.2f %%)\n", grouped(dropped, summary->dropped), dropped_percent);
	print_throughput(out, summary);
	fprintf(out, "wakeups      %s\n", grouped(wakeups, summary->user.wakeups));
	print_latency(out, percentiles);
	print_accounting(out, summary);
	if (summary->attempted == 0)
		fputs("\nhint: nothing triggered the program; run `orchestrator load` in another terminal\n", out);
	return fflush(out) || ferror(out) ? -1 : 0;
}
