// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* vasprintf */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "program.h"
#include "type/type.h"

#define LOG_HINT "run again with `--verbose` for the framework's log"

/* As of Linux 5.8; Debian 11's user-space headers know them, older ones do not. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF 39
#endif

static bool is_verbose, has_verdict;

bool program__is_verdict(const char *log)
{
	/*
	 * The last line of the verifier, `processed 109 insns (limit 1000000) ...`. It says 0 where the kernel found
	 * before it that the program cannot be attached.
	 */
	static const char processed[] = "\nprocessed ";
	const char *line = strstr(log, processed);

	if (!line || strtoul(line + strlen(processed), NULL, 10) == 0)
		return false;
	/* A helper that this kernel has not, or not when it is locked down. The words differ between versions. */
	return !strstr(log, "unknown func ") && !strstr(log, "invalid func ") && !strstr(log, "cannot use helper ");
}

static int on_libbpf_message(enum libbpf_print_level level, const char *format, va_list values)
{
	char *text;
	int length;

	if (level != LIBBPF_WARN && !is_verbose)
		return 0;
	length = vasprintf(&text, format, values);
	if (length < 0)
		return 0;
	has_verdict |= program__is_verdict(text);
	if (is_verbose)
		fputs(text, stderr);
	free(text);
	return length;
}

static bool has_capability(const struct __user_cap_data_struct *data, int capability)
{
	return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

void program__check(const struct args *args)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capget, &header, data) ||
	    (!has_capability(data, CAP_SYS_ADMIN) &&
	     !(has_capability(data, CAP_BPF) && has_capability(data, CAP_PERFMON))))
		fail(FAILURE_PERMISSION, "run it with sudo",
		     "loading BPF programs needs root, or CAP_BPF and CAP_PERFMON");
	if (args->type->check)
		args->type->check(args->attach_target);
}

/* For what cannot happen with the object that this runner embeds. */
static void check_internal(int err, const char *what)
{
	if (err < 0)
		fail(FAILURE_INTERNAL, NULL, "%s: %s", what, strerror(-err));
}

/* The kernel lacks something or does not allow it. */
static void check_refused(const struct program *program, int err)
{
	const char *hint = program->type->refused_hint;

	if (err)
		fail(FAILURE_UNSUPPORTED, hint ? hint : LOG_HINT, "this kernel refuses the `%s` program for `%s`: %s",
		     program->type->name, program->attach_target, strerror(-err));
}

/* Every key with itself. */
static int fill(const struct bpf_map *table)
{
	int err = 0;
	__u32 key;
	__u64 value;

	for (key = 0; key < BENCH_TABLE_SIZE && !err; key++) {
		value = key;
		err = bpf_map__update_elem(table, &key, sizeof(key), &value, sizeof(value), BPF_ANY);
	}
	return err;
}

void program__load(struct program *program, const struct mechanism *mechanism, const struct args *args,
		   struct ready *ready)
{
	const struct program_type *type = args->type;
	const struct knobs *knobs = &args->knobs;
	struct skeleton *skeleton = &program->skeleton;
	struct bpf_program *each;
	int err;

	is_verbose = args->verbose;
	libbpf_set_print(on_libbpf_message);
	*program = (struct program){.type = type, .attach_target = args->attach_target};
	check_internal(mechanism->open_object(skeleton, args->ring_size), "cannot open the BPF object");
	program->chosen = type->program(skeleton, knobs->keep_one_in > 1 || knobs->lookups || knobs->rings);
	bpf_object__for_each_program(each, skeleton->object) bpf_program__set_autoload(each, each == program->chosen);
	bpf_map__set_autocreate(skeleton->maps.table, knobs->lookups);
	bpf_map__set_autocreate(skeleton->maps.rings, knobs->rings);
	bpf_map__set_autocreate(skeleton->maps.events, !knobs->rings);
	skeleton->rodata->knobs = *knobs;
	skeleton->rodata->knobs.cookie = type->cookie(args->attach_target);
	skeleton->rodata->knobs.cookie_offset = REGISTER_OFFSET;
	if (type->set)
		check_refused(program, type->set(program->chosen, args->attach_target));
	err = bpf_object__load(skeleton->object);
	if (err && has_verdict)
		fail(FAILURE_INTERNAL, LOG_HINT, "the verifier refuses the `%s` program: %s", type->name,
		     strerror(-err));
	check_refused(program, err);
	if (knobs->lookups)
		check_refused(program, fill(skeleton->maps.table));
	if (mechanism->create)
		check_refused(program, mechanism->create(skeleton, args, ready));
}

void program__attach(struct program *program)
{
	program->link = program->type->attach(program->chosen, program->attach_target);
	if (!program->link)
		check_refused(program, -errno);
}

void program__read_ids(const struct program *program, struct ready *ready)
{
	const __u32 room = MAX_IDS - ready->nr_maps;
	struct bpf_prog_info info = {.nr_map_ids = room,
				     .map_ids = (__u64)(unsigned long)(ready->map_ids + ready->nr_maps)};
	__u32 size = sizeof(info);

	check_internal(bpf_prog_get_info_by_fd(bpf_program__fd(program->chosen), &info, &size),
		       "cannot read the program's ids");
	ready->program_id = info.id;
	/* The kernel says how many there are, and fills in what has room. */
	ready->nr_maps += info.nr_map_ids < room ? info.nr_map_ids : room;
}

void program__read_counters(const struct program *program, struct counters *sum)
{
	int nr_cpus = libbpf_num_possible_cpus(), cpu;
	struct counters *per_cpu;
	__u32 key = 0;

	check_internal(nr_cpus, "cannot count the CPUs");
	per_cpu = calloc(nr_cpus, sizeof(*per_cpu));
	check_internal(per_cpu ? bpf_map__lookup_elem(program->skeleton.maps.counters, &key, sizeof(key), per_cpu,
						      nr_cpus * sizeof(*per_cpu), 0) :
				 -ENOMEM,
		       "cannot read the kernel counters");
	*sum = (struct counters){};
	for (cpu = 0; cpu < nr_cpus; cpu++) {
		sum->attempted += per_cpu[cpu].attempted;
		sum->submitted += per_cpu[cpu].submitted;
		sum->dropped += per_cpu[cpu].dropped;
		sum->dropped_marks += per_cpu[cpu].dropped_marks;
	}
	free(per_cpu);
}

void program__detach(struct program *program)
{
	bpf_link__destroy(program->link);
	/*
	 * A global memory barrier waits for an RCU grace period, and BPF programs run inside RCU read-side sections.
	 * Where the kernel has none, the caller's check that the counters balance has to do.
	 */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}
