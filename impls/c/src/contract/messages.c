// SPDX-License-Identifier: MIT
/* The messages, and the one way out for what cannot go on. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <hdr_histogram_log.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "contract.h"

static bool in_jsonl, said_hello;

/* A quoted string; bytes that are not ASCII, and those that a terminal obeys, become `?`. */
static void write_string(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc(*text >= ' ' && *text <= '~' ? *text : '?', out);
	}
	putc('"', out);
}

void message__hello(FILE *out)
{
	said_hello = true;
	fprintf(out,
		"{\"type\":\"hello\",\"protocol_version\":2,\"implementation\":\"" RUNNER_NAME
		"\",\"framework\":\"libbpf\","
		"\"framework_version\":\"%u.%u\",\"pid\":%d}\n",
		libbpf_major_version(), libbpf_minor_version(), getpid());
	output__flush(out);
}

void message__ready(FILE *out, const struct ready *ready)
{
	__u32 i;

	fprintf(out, "{\"type\":\"ready\",\"program_ids\":[%u],\"map_ids\":[", ready->program_id);
	for (i = 0; i < ready->nr_maps; i++)
		fprintf(out, "%s%u", i ? "," : "", ready->map_ids[i]);
	/* The names need no escaping: struct program_type says what characters a target may have. */
	fprintf(out, "],\"load_ns\":%llu,\"attach_ns\":%llu,\"program_type\":\"%s\",\"attach_target\":\"%s\"}\n",
		ready->load_ns, ready->attach_ns, ready->program_type, ready->attach_target);
	output__flush(out);
}

void message__counters(FILE *out, __u64 t_ns, const struct totals *totals)
{
	fprintf(out, "{\"type\":\"counters\",\"t_ns\":%llu,\"received\":%llu,\"bytes\":%llu,\"wakeups\":%llu}\n", t_ns,
		totals->received, totals->bytes, totals->wakeups);
	output__flush(out);
}

static void write_latency(FILE *out, struct hdr_histogram *latency)
{
	char *encoded = NULL;

	if (latency && hdr_log_encode(latency, &encoded))
		fail(FAILURE_INTERNAL, NULL, "cannot encode the latency histogram");
	fprintf(out, encoded ? ",\"latency\":\"%s\"" : ",\"latency\":null", encoded);
	free(encoded);
}

void message__summary(FILE *out, const struct summary *summary, struct hdr_histogram *latency)
{
	const struct counters *kernel = &summary->kernel;
	const struct totals *user = &summary->user;
	int i;

	fprintf(out,
		"{\"type\":\"summary\",\"elapsed_ns\":%llu,\"attempted\":%llu,\"submitted\":%llu,\"dropped\":%llu,"
		"\"dropped_marks\":%llu,\"lost\":0,\"received\":%llu,\"bytes\":%llu,\"marks\":%llu,\"wakeups\":%llu",
		summary->elapsed_ns, kernel->attempted, kernel->submitted, kernel->dropped, kernel->dropped_marks,
		user->received, user->bytes, user->marks, user->wakeups);
	write_latency(out, latency);
	for (i = 0; i < summary->nr_rings; i++) {
		fprintf(out, "%s{\"cpu\":%d,\"received\":%llu", i ? "," : ",\"rings\":[", summary->rings[i].cpu,
			summary->rings[i].received);
		write_latency(out, summary->rings[i].latency);
		fputc('}', out);
	}
	fputs(summary->nr_rings ? "]}\n" : "}\n", out);
	output__flush(out);
}

static const struct {
	const char *name;
	int exit_status;
} failures[] = {
	[FAILURE_USAGE] = {"usage", EX_USAGE},
	[FAILURE_UNSUPPORTED] = {"unsupported", EX_UNAVAILABLE},
	[FAILURE_PERMISSION] = {"permission", EX_UNAVAILABLE},
	[FAILURE_INTERNAL] = {"internal", EX_SOFTWARE},
};

void message__error(FILE *out, enum failure kind, const char *message, const char *hint)
{
	fprintf(out, "{\"type\":\"error\",\"kind\":\"%s\",\"message\":", failures[kind].name);
	write_string(out, message);
	fputs(",\"hint\":", out);
	if (hint)
		write_string(out, hint);
	else
		fputs("null", out);
	fputs("}\n", out);
}

void fail__in_jsonl(bool jsonl)
{
	in_jsonl = jsonl;
}

void fail(enum failure kind, const char *hint, const char *format, ...)
{
	char message[1024]; /* however long a value is, the line stays below the 64 KiB of the contract */
	va_list values;

	va_start(values, format);
	vsnprintf(message, sizeof(message), format, values);
	va_end(values);
	fprintf(stderr, "error: %s\n", message);
	if (hint)
		fprintf(stderr, "\nhint: %s\n", hint);
	if (in_jsonl && !said_hello)
		message__hello(stdout);
	if (in_jsonl)
		message__error(stdout, kind, message, hint);
	exit(failures[kind].exit_status); /* which tells, should the message not get through */
}

void fail_value(const char *name, const char *value, const char *expected)
{
	fail(FAILURE_USAGE, USAGE_HINT, "invalid value `%s` for `%s`: expected %s", value, name, expected);
}

void output__flush(FILE *out)
{
	if (fflush(out) || ferror(out))
		fail(FAILURE_INTERNAL, NULL, "cannot write to standard output: %s", strerror(errno));
}
