// SPDX-License-Identifier: MIT
#include "json.h"
#include "protocol.h"

static void string_field(FILE *out, const char *key, const char *value)
{
	fprintf(out, ",\"%s\":", key);
	json__string(out, value);
}

static void number_field(FILE *out, const char *key, __u64 value)
{
	fprintf(out, ",\"%s\":%llu", key, value);
}

static void begin(FILE *out, const char *type)
{
	fprintf(out, "{\"type\":\"%s\"", type);
}

static int end(FILE *out)
{
	fputs("}\n", out);
	return fflush(out) || ferror(out) ? -1 : 0;
}

int protocol__hello(FILE *out, const struct hello *hello)
{
	begin(out, "hello");
	number_field(out, "protocol_version", PROTOCOL_VERSION);
	string_field(out, "implementation", hello->implementation);
	string_field(out, "framework", hello->framework);
	string_field(out, "framework_version", hello->framework_version);
	number_field(out, "pid", hello->pid);
	return end(out);
}

int protocol__ready(FILE *out, const struct ready *ready)
{
	begin(out, "ready");
	fputs(",\"program_ids\":", out);
	json__numbers(out, ready->program_ids, ready->nr_programs);
	fputs(",\"map_ids\":", out);
	json__numbers(out, ready->map_ids, ready->nr_maps);
	number_field(out, "load_ns", ready->load_ns);
	number_field(out, "attach_ns", ready->attach_ns);
	string_field(out, "program_type", ready->program_type);
	string_field(out, "attach_target", ready->attach_target);
	return end(out);
}

int protocol__counters(FILE *out, __u64 t_ns, const struct totals *totals)
{
	begin(out, "counters");
	number_field(out, "t_ns", t_ns);
	number_field(out, "received", totals->received);
	number_field(out, "bytes", totals->bytes);
	number_field(out, "wakeups", totals->wakeups);
	return end(out);
}

int protocol__summary(FILE *out, const struct summary *summary)
{
	begin(out, "summary");
	number_field(out, "elapsed_ns", summary->elapsed_ns);
	number_field(out, "attempted", summary->attempted);
	number_field(out, "submitted", summary->submitted);
	number_field(out, "dropped", summary->dropped);
	number_field(out, "dropped_marks", summary->dropped_marks);
	number_field(out, "lost", summary->lost);
	number_field(out, "received", summary->user.received);
	number_field(out, "bytes", summary->user.bytes);
	number_field(out, "marks", summary->user.marks);
	number_field(out, "wakeups", summary->user.wakeups);
	if (summary->latency)
		string_field(out, "latency", summary->latency);
	else
		fputs(",\"latency\":null", out);
	return end(out);
}

int protocol__error(FILE *out, const struct failure *failure)
{
	begin(out, "error");
	string_field(out, "kind", failure__kind_name(failure->kind));
	string_field(out, "message", failure->message);
	if (failure->hint[0])
		string_field(out, "hint", failure->hint);
	else
		fputs(",\"hint\":null", out);
	return end(out);
}
