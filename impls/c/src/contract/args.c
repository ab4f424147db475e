// SPDX-License-Identifier: MIT
/* The command line. Values are read strictly: a misread number would make a wrong measurement. */
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "clock.h"
#include "contract.h"
#include "type/type.h"

#define DIGITS "0123456789"
#define PID_MAX 4194304 /* PID_MAX_LIMIT of every 64-bit kernel */
#define RING_SIZE_MAX (1U << 30)
#define TIMER_MIN_NS (100 * NSEC_PER_USEC)
#define TIMER_MAX_NS NSEC_PER_SEC

struct flag {
	const char *name;
	char letter;	   /* or 0 */
	const char *value; /* what the help calls it; NULL: takes none */
	const char *usual; /* its value where it is not given, or NULL */
	const char *about; /* what it does, and what its value may be; NULL: the program types */
	/* How the value is read; without, it is a whole number in these bounds, or a switch. */
	bool (*set)(struct args *args, const char *value);
	size_t field; /* of struct args, where that goes */
	__u32 least, most;
	bool power_of_two; /* or the size of the bare struct event */
};

static bool read_number(const char *text, __u64 least, __u64 most, __u64 *number)
{
	if (!*text || text[strspn(text, DIGITS)])
		return false;
	errno = 0;
	*number = strtoull(text, NULL, 10);
	return !errno && *number >= least && *number <= most;
}

static bool set_duration(struct args *args, const char *value)
{
	char *end;
	double seconds = strtod(value, &end);

	/* The first two conditions are about signs, exponents and names of numbers. */
	if (!strspn(value, DIGITS) || value[strspn(value, DIGITS ".")] || *end || !(seconds > 0 && seconds <= 1e6))
		return false;
	args->duration_ns = (__u64)(seconds * NSEC_PER_SEC + 0.5);
	return true;
}

static bool set_output(struct args *args, const char *value)
{
	args->jsonl = strcmp(value, "jsonl") == 0;
	fail__in_jsonl(args->jsonl);
	return args->jsonl || strcmp(value, "text") == 0;
}

static bool set_program_type(struct args *args, const char *value)
{
	args->type = program_type__find(value);
	return args->type;
}

static bool set_attach_target(struct args *args, const char *value)
{
	args->attach_target = value; /* checked when the program type is known */
	return true;
}

static bool set_rings(struct args *args, const char *value)
{
	args->knobs.rings = strcmp(value, "cpu") == 0;
	return args->knobs.rings || strcmp(value, "one") == 0;
}

static bool set_consumers(struct args *args, const char *value)
{
	args->threads = strcmp(value, "ring") == 0;
	return args->threads || strcmp(value, "one") == 0;
}

static bool set_wakeup(struct args *args, const char *value)
{
	static const struct {
		const char *name;
		__u64 ns;
	} units[] = {{"us", NSEC_PER_USEC}, {"ms", NSEC_PER_MSEC}, {"s", NSEC_PER_SEC}};
	char digits[16], unit[3], rest;
	__u64 number;
	size_t i;

	args->knobs.wakeup = BENCH_WAKEUP_ADAPTIVE;
	args->knobs.wakeup_bytes = 0;
	if (strcmp(value, "adaptive") == 0)
		return true;
	if (sscanf(value, "sampled:%15[0-9]%c", digits, &rest) == 1) {
		args->knobs.wakeup = BENCH_WAKEUP_SAMPLED;
		return read_number(digits, 1, RING_SIZE_MAX, &args->knobs.wakeup_bytes);
	}
	args->knobs.wakeup = BENCH_WAKEUP_TIMER;
	if (strcmp(value, "none") == 0)
		value = "timer:10ms";
	if (sscanf(value, "timer:%15[0-9]%2[ums]%c", digits, unit, &rest) != 2)
		return false;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit, units[i].name) == 0 && read_number(digits, 1, TIMER_MAX_NS / units[i].ns, &number)) {
			args->timer_ns = number * units[i].ns;
			return args->timer_ns >= TIMER_MIN_NS;
		}
	}
	return false;
}

#define FIELD(member) .field = offsetof(struct args, member)

static const struct flag flags[] = {
	{"duration", 'd', "SECONDS", "10", "a number above 0 and at most 1000000", .set = set_duration},
	{"verbose", 'v', .about = "show progress and libbpf's own log on standard error", FIELD(verbose)},
	{"output", 0, "FORMAT", "text", "text for a person or jsonl for a supervisor", .set = set_output},
	{"program-type", 0, "TYPE", "tracepoint", NULL, .set = set_program_type},
	{"attach-target", 0, "TARGET", NULL, "where to attach it", .set = set_attach_target},
	{"target-pid", 0, "PID", "0", "count only this process, 0 to 4194304; 0 counts every one",
	 FIELD(knobs.target_pid), .most = PID_MAX},
	{"ring-size", 0, "BYTES", "16777216", "a power of two from 4096 to 1073741824", FIELD(ring_size), .least = 4096,
	 .most = RING_SIZE_MAX, .power_of_two = true},
	{"record-size", 0, "BYTES", "64", "48, 64, 128, 256, 512 or 1024", FIELD(knobs.record_size),
	 .least = sizeof(struct event), .most = 1024, .power_of_two = true},
	{"batch", 0, "N", "1", "records per trigger, 1 to 1000", FIELD(knobs.batch), .least = 1,
	 .most = BENCH_BATCH_MAX},
	{"wakeup", 0, "POLICY", "adaptive",
	 "adaptive, sampled:BYTES from 1 to 1073741824, timer:TIME from 100us to 1s, or none", .set = set_wakeup},
	{"work", 0, "N", "0", "rounds of extra work per trigger, 0 to 10000", FIELD(knobs.work),
	 .most = BENCH_WORK_MAX},
	{"keep-one-in", 0, "N", "1", "records only of triggers whose cookie is a multiple of it, 1 to 1000",
	 FIELD(knobs.keep_one_in), .least = 1, .most = 1000},
	{"lookups", 0, "N", "0", "lookups in a hash map per trigger, 0 to 100", FIELD(knobs.lookups),
	 .most = BENCH_LOOKUPS_MAX},
	{"rings", 0, "WHICH", "one", "the ring buffers: one, or one for each cpu", .set = set_rings},
	{"consumers", 0, "WHICH", "one", "threads that read: one, or one for each ring", .set = set_consumers},
	{"latency", 0, .about = "record the delay of each event (always on with text output)", FIELD(latency)},
	{"cpu", 0, "N", NULL, "pin the runner to this CPU, 0 to 4095", FIELD(cpu), .most = 4095},
	{"version", 'V', .about = "print the versions"},
	{"help", 'h', .about = "print this help"},
};

#define NR_FLAGS (sizeof(flags) / sizeof(flags[0]))

static const char *about(const struct flag *flag)
{
	return flag->about ? flag->about : program_type__names();
}

static void print_help(void)
{
	const struct flag *flag;
	char name[40];

	puts("Counts and checks ring buffer events from a BPF program on openat2\n\n"
	     "Usage: ringbuf_throughput [OPTIONS]\n");
	for (flag = flags; flag < flags + NR_FLAGS; flag++) {
		snprintf(name, sizeof(name), "--%s %s", flag->name, flag->value ? flag->value : "");
		printf(flag->letter ? "  -%c, " : "      ", flag->letter);
		printf("%-22s  %s", name, about(flag));
		printf(flag->usual ? " [default: %s]\n" : "\n", flag->usual);
	}
	puts("\nExit status: 0 good, 64 bad flags, 69 this kernel or these privileges cannot do it, 70 bug.\n"
	     "The messages of `--output jsonl` are described in docs/PROTOCOL.md.");
}

static bool set_flag(struct args *args, const struct flag *flag, const char *value)
{
	void *field = (char *)args + flag->field;
	__u64 number;

	if (flag->set)
		return flag->set(args, value);
	if (!flag->value)
		return *(bool *)field = true;
	if (!read_number(value, flag->least, flag->most, &number))
		return false;
	if (flag->power_of_two && (number & (number - 1)) && number != sizeof(struct event))
		return false;
	*(__u32 *)field = number;
	return true;
}

/* What getopt_long answers for a flag: beyond all letters where it has none. */
static int value_of(size_t i)
{
	return flags[i].letter ? flags[i].letter : (int)(256 + i);
}

/* The flag for which getopt_long answers so; NULL if there is none. */
static const struct flag *find_flag(int found)
{
	size_t i;

	for (i = 0; i < NR_FLAGS; i++)
		if (found == value_of(i))
			return &flags[i];
	return NULL;
}

/* One answer `found` of getopt_long to `word`. */
static void take(struct args *args, int found, const char *word)
{
	const struct flag *flag = find_flag(found);

	/* getopt_long takes shortened names as well. */
	if (flag && word[1] == '-' && strcspn(word + 2, "=") != strlen(flag->name))
		flag = NULL;
	if (found == ':')
		fail(FAILURE_USAGE, USAGE_HINT, "`%s` needs a value", word);
	if (!flag)
		fail(FAILURE_USAGE, USAGE_HINT, "`%s` is no flag, or one without a value", word);
	if (flag->letter == 'h' || flag->letter == 'V') {
		flag->letter == 'h' ? print_help() : report__version(stdout);
		output__flush(stdout);
		exit(EXIT_SUCCESS);
	}
	if (!set_flag(args, flag, optarg))
		fail(FAILURE_USAGE, USAGE_HINT, "invalid value `%s` for `--%s`: %s", optarg, flag->name, about(flag));
}

void args__parse(struct args *args, int argc, char **argv)
{
	/* `+`: the first word that is no flag ends them. `:`: a value that is missing is told apart. */
	static const char letters[] = "+:d:vVh";
	struct option options[NR_FLAGS + 1] = {};
	int word = 1, found;
	size_t i;

	*args = (struct args){.cpu = CPU_UNPINNED, .knobs.syscall_nr = SYS_openat2};
	for (i = 0; i < NR_FLAGS; i++) {
		options[i] = (struct option){flags[i].name, flags[i].value != NULL, NULL, value_of(i)};
		if (flags[i].usual)
			set_flag(args, &flags[i], flags[i].usual);
	}
	while ((found = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		take(args, found, argv[word]);
		word = optind;
	}
	if (optind < argc)
		fail(FAILURE_USAGE, USAGE_HINT, "unexpected argument `%s`", argv[optind]);
	/* A person always gets percentiles. */
	args->latency |= !args->jsonl;
	if (!args->attach_target)
		args->attach_target = args->type->default_target;
	if (!args->type->is_target(args->attach_target))
		fail_value("--attach-target", args->attach_target, args->type->expected);
}
