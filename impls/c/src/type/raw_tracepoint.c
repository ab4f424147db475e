// SPDX-License-Identifier: MIT
/* A raw tracepoint: only the entry of system calls, of which the program picks out one. */
#include <string.h>

#include "type.h"

static bool is_target(const char *target)
{
	return strcmp(target, "sys_enter") == 0;
}

static struct bpf_program *program(const struct skeleton *skeleton, bool more)
{
	return more ? skeleton->programs.on_raw_tp_more : skeleton->programs.on_raw_tp;
}

static enum bench_cookie cookie(const char *target)
{
	(void)target;
	return REGISTERS_KNOWN ? BENCH_COOKIE_SYSCALL : BENCH_COOKIE_NONE;
}

const struct program_type raw_tracepoint = {
	.name = "raw_tracepoint",
	.default_target = "sys_enter",
	.is_target = is_target,
	.expected = "sys_enter, the only raw tracepoint that the program can read",
	.program = program,
	.cookie = cookie,
	.attach = bpf_program__attach_raw_tracepoint,
};
