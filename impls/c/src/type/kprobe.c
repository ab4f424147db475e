// SPDX-License-Identifier: MIT
/* A kprobe at the entry of a kernel function. */
#include <unistd.h>

#include "contract/contract.h"
#include "type.h"

static void check(const char *target)
{
	(void)target;
	if (access("/sys/bus/event_source/devices/kprobe", F_OK))
		fail(FAILURE_UNSUPPORTED, "use `--program-type tracepoint`, or a kernel built with CONFIG_KPROBES=y",
		     "this kernel has no kprobes (CONFIG_KPROBES is off)");
}

static struct bpf_program *program(const struct skeleton *skeleton, bool more)
{
	return more ? skeleton->programs.on_kprobe_more : skeleton->programs.on_kprobe;
}

static enum bench_cookie cookie(const char *target)
{
	/* Even the argument of an ordinary function is in a register here. */
	return REGISTERS_KNOWN ? function__cookie(target) : BENCH_COOKIE_NONE;
}

static struct bpf_link *attach(const struct bpf_program *program, const char *target)
{
	return bpf_program__attach_kprobe(program, false, target);
}

const struct program_type kprobe = {
	.name = "kprobe",
	.default_target = SYSCALL_ENTRY "openat2",
	.is_target = function__is_target,
	.expected = "the name of a kernel function",
	.check = check,
	.program = program,
	.cookie = cookie,
	.attach = attach,
	.refused_hint = "check that the function is listed in `/proc/kallsyms`",
};
