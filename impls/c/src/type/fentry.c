// SPDX-License-Identifier: MIT
/* The entry of a kernel function, called through BTF. */
#include "type.h"

static struct bpf_program *program(const struct skeleton *skeleton, bool more)
{
	return more ? skeleton->programs.on_fentry_more : skeleton->programs.on_fentry;
}

static int set(struct bpf_program *program, const char *target)
{
	/* Looks the function up in the kernel's BTF. */
	return bpf_program__set_attach_target(program, 0, target);
}

static struct bpf_link *attach(const struct bpf_program *program, const char *target)
{
	(void)target;
	return bpf_program__attach_trace(program);
}

const struct program_type fentry = {
	.name = "fentry",
	.default_target = SYSCALL_ENTRY "openat2",
	.is_target = function__is_target,
	.expected = "the name of a kernel function",
	.program = program,
	.cookie = function__cookie,
	.set = set,
	.attach = attach,
	.refused_hint = "use `--program-type tracepoint`, or a kernel built with BTF and "
			"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y",
};
