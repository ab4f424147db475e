// SPDX-License-Identifier: MIT
/* What a person reads. */
#include <bpf/libbpf.h>
#include <hdr_histogram.h>

#include "clock.h"
#include "contract.h"

void report__version(FILE *out)
{
	fprintf(out, "ringbuf_throughput %s (%s, libbpf %u.%u, protocol 2)\n", RUNNER_VERSION, RUNNER_NAME,
		libbpf_major_version(), libbpf_minor_version());
}

void report__print(FILE *out, const struct ready *ready, const struct summary *summary,
		   const struct hdr_histogram *latency)
{
	const struct counters *kernel = &summary->kernel;
	__u64 received = summary->user.received;
	double seconds = (double)(summary->elapsed_ns ? summary->elapsed_ns : 1) / NSEC_PER_SEC;
	bool balanced = kernel->attempted == kernel->submitted + kernel->dropped && kernel->submitted == received;

	report__version(out);
	fprintf(out, "\nprogram      %s %s\n", ready->program_type, ready->attach_target);
	fprintf(out, "events       %llu received of %llu attempted\n", received, kernel->attempted);
	fprintf(out, "dropped      %llu\n", kernel->dropped);
	fprintf(out, "throughput   %.0f events/s\n", summary->at_stop.received / seconds);
	if (received)
		fprintf(out, "latency      P50 %lld ns, P99 %lld ns\n", (long long)hdr_value_at_percentile(latency, 50),
			(long long)hdr_value_at_percentile(latency, 99));
	else
		fputs("latency      none recorded\n", out);
	fprintf(out,
		balanced ? "accounting   balanced\n" :
			   "accounting   NOT BALANCED: attempted %llu, submitted %llu, dropped %llu, received %llu\n",
		kernel->attempted, kernel->submitted, kernel->dropped, received);
	if (kernel->attempted == 0)
		fputs("\nhint: nothing triggered the program; run `orchestrator load` in another terminal\n", out);
	output__flush(out);
}
