// SPDX-License-Identifier: MIT
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "bpf_object.h"
#include "cookie.h"
#include "kernel.h"
#include "program.h"
#include "verifier_log.h"

static const char *const function_names[] = {
	[PROGRAM_TRACEPOINT] = "on_tracepoint",
	[PROGRAM_RAW_TRACEPOINT] = "on_raw_tp",
	[PROGRAM_KPROBE] = "on_kprobe",
	[PROGRAM_FENTRY] = "on_fentry",
};

/* For what cannot happen with the object that this runner embeds. */
static int internal(struct failure *failure, const char *what, int err)
{
	return failure__set(failure, FAILURE_INTERNAL, NULL, "%s: %s", what, strerror(-err));
}

/* The kernel lacks something or does not allow it. */
static int refused(const struct program *program, struct failure *failure, int err)
{
	if (program->type == PROGRAM_FENTRY)
		return failure__set(failure, FAILURE_UNSUPPORTED,
				    "use `--program-type tracepoint`, or a kernel built with "
				    "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y",
				    "this kernel cannot attach fentry to `%s`: %s "
				    "(it needs BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)",
				    program->attach_target, strerror(-err));
	return failure__set(failure, FAILURE_UNSUPPORTED, "run again with `--verbose` for the framework's log",
			    "this kernel refuses the `%s` program: %s", args__program_type_name(program->type),
			    strerror(-err));
}

/* The program is wrong. */
static int rejected(const struct program *program, struct failure *failure, int err)
{
	return failure__set(failure, FAILURE_INTERNAL, "run again with `--verbose` for the framework's log",
			    "the verifier refuses the `%s` program: %s", args__program_type_name(program->type),
			    strerror(-err));
}

int program__open(struct program *program, const struct args *args, struct failure *failure)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "ringbuf_throughput");

	program->type = args->program_type;
	program->attach_target = args->attach_target;
	program->object = bpf_object__open_mem(bpf_object_bytes, bpf_object_size, &opts);
	if (!program->object)
		return internal(failure, "cannot open the BPF object", -errno);
	program->chosen = bpf_object__find_program_by_name(program->object, function_names[program->type]);
	program->events = bpf_object__find_map_by_name(program->object, "events");
	program->counters = bpf_object__find_map_by_name(program->object, "counters");
	if (!program->chosen || !program->events || !program->counters)
		return internal(failure, "the BPF object lacks a program or a map", -ENOENT);
	return 0;
}

static int set_knobs(struct program *program, const struct args *args, struct failure *failure)
{
	struct bpf_map *rodata = bpf_object__find_map_by_name(program->object, ".rodata");
	struct knobs *knobs;
	size_t size = 0;

	/* The knobs are the only constant in the program, so they are all of its read-only data. */
	knobs = rodata ? bpf_map__initial_value(rodata, &size) : NULL;
	if (!knobs || size != sizeof(*knobs))
		return internal(failure, "the BPF object's `.rodata` is not `struct knobs`", -EINVAL);
	*knobs = (struct knobs){
		.target_pid = args->target_pid,
		.record_size = args->record_size,
		.batch = args->batch,
		.wakeup = args->wakeup,
		.wakeup_bytes = args->wakeup_bytes,
		.work = args->work,
		.syscall_nr = SYS_openat2,
	};
	cookie__locate(args, knobs);
	return 0;
}

int program__set(struct program *program, const struct args *args, struct failure *failure)
{
	struct bpf_program *each;
	int err;

	bpf_object__for_each_program(each, program->object) bpf_program__set_autoload(each, each == program->chosen);
	err = bpf_map__set_max_entries(program->events, args->ring_size);
	if (err)
		return internal(failure, "cannot set the ring buffer's size", err);
	if (set_knobs(program, args, failure))
		return -1;
	if (program->type == PROGRAM_FENTRY) {
		/* Looks the function up in the kernel's BTF. */
		err = bpf_program__set_attach_target(program->chosen, 0, program->attach_target);
		if (err)
			return refused(program, failure, err);
	}
	return 0;
}

int program__load(struct program *program, struct failure *failure)
{
	int err = bpf_object__load(program->object);

	if (!err)
		return 0;
	return verifier_log__has_verdict() ? rejected(program, failure, err) : refused(program, failure, err);
}

static struct bpf_link *attach_tracepoint(const struct program *program)
{
	const char *slash = strchr(program->attach_target, '/');
	char *category = strndup(program->attach_target, slash - program->attach_target);
	struct bpf_link *link;

	if (!category)
		return NULL;
	link = bpf_program__attach_tracepoint(program->chosen, category, slash + 1);
	free(category);
	return link;
}

int program__attach(struct program *program, struct failure *failure)
{
	switch (program->type) {
	case PROGRAM_TRACEPOINT:
		program->link = attach_tracepoint(program);
		break;
	case PROGRAM_RAW_TRACEPOINT:
		program->link = bpf_program__attach_raw_tracepoint(program->chosen, program->attach_target);
		break;
	case PROGRAM_KPROBE:
		program->link = bpf_program__attach_kprobe(program->chosen, false, program->attach_target);
		if (!program->link)
			return failure__set(failure, FAILURE_UNSUPPORTED,
					    "check that the function is listed in `/proc/kallsyms`",
					    "this kernel cannot attach a kprobe to `%s`: %s", program->attach_target,
					    strerror(errno));
		break;
	case PROGRAM_FENTRY:
		program->link = bpf_program__attach_trace(program->chosen);
		break;
	}
	return program->link ? 0 : refused(program, failure, -errno);
}

int program__read_ids(const struct program *program, struct ready *ready, struct failure *failure)
{
	struct bpf_prog_info info = {
		.nr_map_ids = PROTOCOL_MAX_IDS,
		.map_ids = (__u64)(unsigned long)ready->map_ids,
	};
	__u32 size = sizeof(info);
	int err = bpf_prog_get_info_by_fd(bpf_program__fd(program->chosen), &info, &size);

	if (err)
		return internal(failure, "cannot read the program's ids", err);
	ready->program_ids[0] = info.id;
	ready->nr_programs = 1;
	/* The kernel says how many there are, and fills in what has room. */
	ready->nr_maps = info.nr_map_ids < PROTOCOL_MAX_IDS ? info.nr_map_ids : PROTOCOL_MAX_IDS;
	return 0;
}

int program__read_counters(const struct program *program, struct counters *sum, struct failure *failure)
{
	int nr_cpus = libbpf_num_possible_cpus(), err, cpu;
	struct counters *per_cpu;
	__u32 key = 0;

	if (nr_cpus < 0)
		return internal(failure, "cannot count the CPUs", nr_cpus);
	per_cpu = calloc(nr_cpus, sizeof(*per_cpu));
	if (!per_cpu)
		return internal(failure, "cannot read the kernel counters", -ENOMEM);
	err = bpf_map__lookup_elem(program->counters, &key, sizeof(key), per_cpu, nr_cpus * sizeof(*per_cpu), 0);
	*sum = (struct counters){};
	for (cpu = 0; !err && cpu < nr_cpus; cpu++) {
		sum->attempted += per_cpu[cpu].attempted;
		sum->submitted += per_cpu[cpu].submitted;
		sum->dropped += per_cpu[cpu].dropped;
		sum->dropped_marks += per_cpu[cpu].dropped_marks;
	}
	free(per_cpu);
	return err ? internal(failure, "cannot read the kernel counters", err) : 0;
}

void program__detach(struct program *program)
{
	bpf_link__destroy(program->link);
	program->link = NULL;
	kernel__wait_for_programs();
}

void program__destroy(struct program *program)
{
	bpf_link__destroy(program->link);
	bpf_object__close(program->object);
	*program = (struct program){};
}
