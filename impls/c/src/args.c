// SPDX-License-Identifier: MIT
#include <string.h>

#include "args.h"
#include "clock.h"
#include "kernel.h"
#include "usage.h"
#include "values.h"

#define PID_MAX 4194304 /* PID_MAX_LIMIT of every 64-bit kernel */
#define RING_SIZE_MIN 4096
#define RING_SIZE_MAX (1U << 30)

enum flag_id {
	FLAG_DURATION,
	FLAG_VERBOSE,
	FLAG_OUTPUT,
	FLAG_PROGRAM_TYPE,
	FLAG_ATTACH_TARGET,
	FLAG_TARGET_PID,
	FLAG_RING_SIZE,
	FLAG_RECORD_SIZE,
	FLAG_BATCH,
	FLAG_WAKEUP,
	FLAG_WORK,
	FLAG_LATENCY,
	FLAG_CPU,
	FLAG_VERSION,
	FLAG_HELP,
};

static const struct flag {
	enum flag_id id;
	const char *name;
	char letter;	      /* or 0 */
	const char *expected; /* of its value; NULL: takes none */
} flags[] = {
	{FLAG_DURATION, "--duration", 'd', "a number of seconds above 0 and at most 1000000"},
	{FLAG_VERBOSE, "--verbose", 'v', NULL},
	{FLAG_OUTPUT, "--output", 0, "text or jsonl"},
	{FLAG_PROGRAM_TYPE, "--program-type", 0, "tracepoint, raw_tracepoint, kprobe or fentry"},
	{FLAG_ATTACH_TARGET, "--attach-target", 0, ""}, /* depends on the program type */
	{FLAG_TARGET_PID, "--target-pid", 0, "a process id from 0 to 4194304"},
	{FLAG_RING_SIZE, "--ring-size", 0, "a power of two from 4096 to 1073741824"},
	{FLAG_RECORD_SIZE, "--record-size", 0, "48, 64, 128, 256, 512 or 1024"},
	{FLAG_BATCH, "--batch", 0, "a whole number from 1 to 1000"},
	{FLAG_WAKEUP, "--wakeup", 0, "adaptive, sampled:BYTES or none, with BYTES from 1 to 1073741824"},
	{FLAG_WORK, "--work", 0, "a whole number from 0 to 10000"},
	{FLAG_LATENCY, "--latency", 0, NULL},
	{FLAG_CPU, "--cpu", 0, "a CPU number from 0 to 4095"},
	{FLAG_VERSION, "--version", 'V', NULL},
	{FLAG_HELP, "--help", 'h', NULL},
};

#define NR_FLAGS (sizeof(flags) / sizeof(flags[0]))

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

/* Finds the flag of an argument: `--batch`, `--batch=10`, `-d`, `-d10`. `value` is the attached one, or NULL. */
static const struct flag *find_flag(const char *arg, const char **value)
{
	size_t i;

	*value = NULL;
	if (arg[0] != '-')
		return NULL;
	for (i = 0; i < NR_FLAGS; i++) {
		const struct flag *flag = &flags[i];
		size_t length = strlen(flag->name);

		if (strncmp(arg, flag->name, length) == 0 && (!arg[length] || arg[length] == '=')) {
			*value = arg[length] ? arg + length + 1 : NULL;
			return flag;
		}
		if (flag->letter && arg[1] == flag->letter && (!arg[2] || flag->expected)) {
			*value = arg[2] ? arg + 2 : NULL;
			return flag;
		}
	}
	return NULL;
}

static int unknown_flag(const char *arg, struct failure *failure)
{
	size_t length = strcspn(arg, "=");
	char name[256];

	if (length >= sizeof(name))
		length = sizeof(name) - 1;
	memcpy(name, arg, length);
	name[length] = '\0';
	return usage__unknown_flag(failure, name);
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
	static const char sampled[] = "sampled:";

	if (strcmp(value, "adaptive") == 0) {
		args->wakeup = BENCH_WAKEUP_ADAPTIVE;
		return true;
	}
	if (strcmp(value, "none") == 0) {
		args->wakeup = BENCH_WAKEUP_NONE;
		return true;
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
	const char *value;
	int i;

	for (i = 1; i < argc; i++) {
		const struct flag *flag = find_flag(argv[i], &value);

		if (!flag || flag->id != FLAG_OUTPUT)
			continue;
		if (!value)
			value = i + 1 < argc ? argv[i + 1] : "";
		parse_output(args, value);
	}
}

int args__parse(struct args *args, int argc, char **argv, struct failure *failure)
{
	int i;

	*args = (struct args){
		.duration_ns = 10 * NSEC_PER_SEC,
		.ring_size = 16 << 20,
		.record_size = 64,
		.batch = 1,
		.cpu = CPU_UNPINNED,
	};
	find_output_format(args, argc, argv);
	for (i = 1; i < argc && args->action == ACTION_RUN; i++) {
		const char *arg = argv[i], *value;
		const struct flag *flag = find_flag(arg, &value);

		if (!flag)
			return arg[0] == '-' && arg[1] ? unknown_flag(arg, failure) : usage__stray_word(failure, arg);
		if (!flag->expected) {
			if (value)
				return usage__needless_value(failure, flag->name);
			set_switch(args, flag->id);
			continue;
		}
		if (!value && i + 1 == argc)
			return usage__missing_value(failure, arg);
		if (!value)
			value = argv[++i];
		if (parse_value(args, flag, value, failure))
			return -1;
	}
	if (args->action != ACTION_RUN)
		return 0;
	/* A person always gets percentiles. */
	args->latency |= !args->jsonl;
	return settle_attach_target(args, failure);
}
