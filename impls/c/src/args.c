// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "clock.h"
#include "flags.h"
#include "kernel.h"
#include "usage.h"
#include "values.h"

#define PID_MAX 4194304 /* PID_MAX_LIMIT of every 64-bit kernel */
#define RING_SIZE_MIN 4096
#define RING_SIZE_MAX (1U << 30)
#define TIMER_MIN_NS (100 * NSEC_PER_USEC)
#define TIMER_MAX_NS NSEC_PER_SEC

/* What `--wakeup none` is short for. */
#define WAKEUP_NONE "timer:10ms"

static const char *const program_type_names[] = {
	[PROGRAM_TRACEPOINT] = "tracepoint",
	[PROGRAM_RAW_TRACEPOINT] = "raw_tracepoint",
	[PROGRAM_KPROBE] = "kprobe",
	[PROGRAM_FENTRY] = "fentry",
};

const char *args__program_type_name(enum program_type type)
{
	return program_type_names[type];
}

static bool is_flag(const char *arg)
{
	return arg[0] == '-' && arg[1] && strcmp(arg, "--");
}

static bool parse_output(struct args *args, const char *value)
{
	if (strcmp(value, "text") && strcmp(value, "jsonl"))
		return false;
	args->jsonl = strcmp(value, "jsonl") == 0;
	return true;
}

static bool parse_program_type(struct args *args, const char *value)
{
	size_t i;

	for (i = 0; i < sizeof(program_type_names) / sizeof(program_type_names[0]); i++) {
		if (strcmp(value, program_type_names[i]) == 0) {
			args->program_type = i;
			return true;
		}
	}
	return false;
}

static bool parse_record_size(const char *value, __u64 *size)
{
	/* 48 is the bare struct event; the others are powers of two. */
	return values__number(value, 48, 48, size) || values__power_of_two(value, 64, 1024, size);
}

static bool parse_wakeup(struct args *args, const char *value)
{
	static const char sampled[] = "sampled:", timer[] = "timer:";

	if (strcmp(value, "none") == 0)
		value = WAKEUP_NONE;
	if (strcmp(value, "adaptive") == 0) {
		args->wakeup = BENCH_WAKEUP_ADAPTIVE;
		return true;
	}
	if (strncmp(value, timer, strlen(timer)) == 0) {
		args->wakeup = BENCH_WAKEUP_TIMER;
		return values__time_ns(value + strlen(timer), TIMER_MIN_NS, TIMER_MAX_NS, &args->timer_ns);
	}
	if (strncmp(value, sampled, strlen(sampled)))
		return false;
	args->wakeup = BENCH_WAKEUP_SAMPLED;
	return values__number(value + strlen(sampled), 1, RING_SIZE_MAX, &args->wakeup_bytes);
}

static int parse_value(struct args *args, const struct flag *flag, const char *value, struct failure *failure)
{
	__u64 number = 0;
	bool good = true;

	switch (flag->id) {
	case FLAG_DURATION:
		good = values__duration_ns(value, &args->duration_ns);
		break;
	case FLAG_OUTPUT:
		good = parse_output(args, value);
		break;
	case FLAG_PROGRAM_TYPE:
		good = parse_program_type(args, value);
		break;
	case FLAG_ATTACH_TARGET:
		args->attach_target = value; /* checked when the program type is known */
		break;
	case FLAG_TARGET_PID:
		good = values__number(value, 0, PID_MAX, &number);
		args->target_pid = number;
		break;
	case FLAG_RING_SIZE:
		good = values__power_of_two(value, RING_SIZE_MIN, RING_SIZE_MAX, &number);
		args->ring_size = number;
		break;
	case FLAG_RECORD_SIZE:
		good = parse_record_size(value, &number);
		args->record_size = number;
		break;
	case FLAG_BATCH:
		good = values__number(value, 1, BENCH_BATCH_MAX, &number);
		args->batch = number;
		break;
	case FLAG_WAKEUP:
		good = parse_wakeup(args, value);
		break;
	case FLAG_WORK:
		good = values__number(value, 0, BENCH_WORK_MAX, &number);
		args->work = number;
		break;
	case FLAG_CPU:
		good = values__number(value, 0, KERNEL_CPU_MAX, &number);
		args->cpu = number;
		if (good && !kernel__may_run_on(args->cpu))
			return usage__forbidden_cpu(failure, value);
		break;
	default:
		break;
	}
	return good ? 0 : usage__bad_value(failure, flag->name, value, flag->expected);
}

static void set_switch(struct args *args, enum flag_id id)
{
	switch (id) {
	case FLAG_VERBOSE:
		args->verbose = true;
		break;
	case FLAG_LATENCY:
		args->latency = true;
		break;
	case FLAG_VERSION:
		args->action = ACTION_VERSION;
		break;
	case FLAG_HELP:
		args->action = ACTION_HELP;
		break;
	default:
		break;
	}
}

static int settle_attach_target(struct args *args, struct failure *failure)
{
	const char *expected = NULL;

	switch (args->program_type) {
	case PROGRAM_TRACEPOINT:
		if (!args->attach_target)
			args->attach_target = "syscalls/sys_enter_openat2";
		if (!values__is_tracepoint(args->attach_target))
			expected = "CATEGORY/NAME, such as syscalls/sys_enter_openat2";
		break;
	case PROGRAM_RAW_TRACEPOINT:
		if (!args->attach_target)
			args->attach_target = "sys_enter";
		if (strcmp(args->attach_target, "sys_enter"))
			expected = "sys_enter, the only raw tracepoint that the program can read";
		break;
	case PROGRAM_KPROBE:
	case PROGRAM_FENTRY:
		if (!args->attach_target)
			args->attach_target = KERNEL_OPENAT2_ENTRY;
		if (!values__is_function(args->attach_target))
			expected = "the name of a kernel function";
		break;
	}
	return expected ? usage__bad_value(failure, "--attach-target", args->attach_target, expected) : 0;
}

/*
 * A bad flag is reported in the format that the command line asks for, wherever it does so; therefore this is found
 * out first. An impossible format is left to the real parsing.
 */
static void find_output_format(struct args *args, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		struct word word = flags__take_apart(argv[i]);

		if (!word.flag || word.flag->id != FLAG_OUTPUT)
			continue;
		if (!word.value)
			word.value = i + 1 < argc ? argv[i + 1] : "";
		parse_output(args, word.value);
	}
}

static int parse_word(struct args *args, const char *arg, const char *next, bool *took_next, struct failure *failure)
{
	struct word word = flags__take_apart(arg);
	char name[256];

	*took_next = false;
	if (!is_flag(arg))
		return usage__stray_word(failure, arg);
	snprintf(name, sizeof(name), "%.*s", word.flag_length, arg);
	if (!word.flag)
		return usage__unknown_flag(failure, name);
	if (!word.flag->expected) {
		if (word.value)
			return usage__needless_value(failure, name);
		set_switch(args, word.flag->id);
		return 0;
	}
	*took_next = !word.value;
	if (!word.value)
		word.value = next;
	if (!word.value)
		return usage__missing_value(failure, name);
	return parse_value(args, word.flag, word.value, failure);
}

int args__parse(struct args *args, int argc, char **argv, struct failure *failure)
{
	bool took_next;
	int i;

	*args = (struct args){
		.duration_ns = 10 * NSEC_PER_SEC,
		.ring_size = 16 << 20,
		.record_size = 64,
		.batch = 1,
		.cpu = CPU_UNPINNED,
	};
	find_output_format(args, argc, argv);
	for (i = 1; i < argc && args->action == ACTION_RUN; i += took_next ? 2 : 1)
		if (parse_word(args, argv[i], argv[i + 1], &took_next, failure))
			return -1;
	if (args->action != ACTION_RUN)
		return 0;
	/* A person always gets percentiles. */
	args->latency |= !args->jsonl;
	return settle_attach_target(args, failure);
}
