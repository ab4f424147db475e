// SPDX-License-Identifier: MIT
#include <string.h>

#include "cookie.h"
#include "kernel.h"
#include "tracefs.h"

/* Of the first argument in the context of a system call's tracepoint. */
#define FIELD_OFFSET 16

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static enum bench_cookie of_tracepoint(const char *target)
{
	/* A call without arguments has no such field, and a program that reads it could not be attached. */
	if ((starts_with(target, "syscalls/sys_enter_") || strcmp(target, "raw_syscalls/sys_enter") == 0) &&
	    tracefs__has_field_at(target, FIELD_OFFSET))
		return BENCH_COOKIE_SYSCALL;
	return BENCH_COOKIE_NONE;
}

static enum bench_cookie of_function(const char *target)
{
	return starts_with(target, KERNEL_SYSCALL_ENTRY) ? BENCH_COOKIE_SYSCALL : BENCH_COOKIE_FUNCTION;
}

void cookie__locate(const struct args *args, struct knobs *knobs)
{
	const bool registers_known = COOKIE_REGISTER_OFFSET >= 0;

	knobs->cookie_offset = registers_known ? COOKIE_REGISTER_OFFSET : 0;
	switch (args->program_type) {
	case PROGRAM_TRACEPOINT:
		knobs->cookie = of_tracepoint(args->attach_target);
		break;
	case PROGRAM_RAW_TRACEPOINT:
		knobs->cookie = registers_known ? BENCH_COOKIE_SYSCALL : BENCH_COOKIE_NONE;
		break;
	case PROGRAM_KPROBE:
		knobs->cookie = registers_known ? of_function(args->attach_target) : BENCH_COOKIE_NONE;
		break;
	case PROGRAM_FENTRY:
		knobs->cookie = of_function(args->attach_target);
		if (knobs->cookie == BENCH_COOKIE_SYSCALL && !registers_known)
			knobs->cookie = BENCH_COOKIE_NONE;
		break;
	}
}
