// SPDX-License-Identifier: MIT
/* A tracepoint, by category and name. */
#define _GNU_SOURCE /* strndupa */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "contract/contract.h"
#include "type.h"

#define CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
#define TRACEFS "/sys/kernel/tracing"

/* Of the first argument in the context of a system call's tracepoint. */
#define FIELD "\toffset:16;"

static bool is_target(const char *target)
{
	size_t category = strspn(target, CHARACTERS);
	size_t name = target[category] == '/' ? strspn(target + category + 1, CHARACTERS) : 0;

	return category && name && !target[category + 1 + name];
}

/* Where tracefs is; the kernel itself mounts it at the second place when somebody looks there. */
static const char *find_tracefs(void)
{
	struct stat status;
	int reason;

	if (stat(TRACEFS "/events", &status) == 0)
		return TRACEFS;
	reason = errno;
	if (stat("/sys/kernel/debug/tracing/events", &status) == 0)
		return "/sys/kernel/debug/tracing";
	if (reason == ENOENT)
		reason = errno;
	if (reason == EACCES || reason == EPERM)
		fail(FAILURE_PERMISSION, "run it with sudo", "this process may not read `" TRACEFS "`");
	fail(FAILURE_UNSUPPORTED, "run `mount -t tracefs tracefs " TRACEFS "` as root",
	     "tracefs is not mounted at `" TRACEFS "`");
}

/* A file of the tracepoint; NULL with the reason in errno. `access` would ask about another user, the real one. */
static FILE *open_file(const char *target, const char *name)
{
	char path[512];

	if (snprintf(path, sizeof(path), "%s/events/%s/%s", find_tracefs(), target, name) < (int)sizeof(path))
		return fopen(path, "re");
	errno = ENAMETOOLONG;
	return NULL;
}

/* Whether the kernel has this tracepoint, and whether this process may read what libbpf reads of it. */
static void check(const char *target)
{
	FILE *id = open_file(target, "id");

	if (!id && (errno == EACCES || errno == EPERM))
		fail(FAILURE_PERMISSION, "run it with sudo", "this process may not read `" TRACEFS "`");
	if (!id)
		fail(FAILURE_UNSUPPORTED, "list them with `ls " TRACEFS "/events`",
		     "this kernel has no tracepoint `%s`", target);
	fclose(id);
}

static struct bpf_program *program(const struct skeleton *skeleton, bool more)
{
	return more ? skeleton->programs.on_tracepoint_more : skeleton->programs.on_tracepoint;
}

static enum bench_cookie cookie(const char *target)
{
	static const char syscalls[] = "syscalls/sys_enter_";
	enum bench_cookie where = BENCH_COOKIE_NONE;
	char line[512];
	FILE *format;

	if (strncmp(target, syscalls, strlen(syscalls)) && strcmp(target, "raw_syscalls/sys_enter"))
		return BENCH_COOKIE_NONE;
	/* A call without arguments has no such field, and a program that reads it could not be attached. */
	format = open_file(target, "format");
	while (format && fgets(line, sizeof(line), format))
		if (strstr(line, FIELD))
			where = BENCH_COOKIE_SYSCALL;
	if (format)
		fclose(format);
	return where;
}

static struct bpf_link *attach(const struct bpf_program *program, const char *target)
{
	const char *slash = strchr(target, '/');

	return bpf_program__attach_tracepoint(program, strndupa(target, slash - target), slash + 1);
}

const struct program_type tracepoint = {
	.name = "tracepoint",
	.default_target = "syscalls/sys_enter_openat2",
	.is_target = is_target,
	.expected = "CATEGORY/NAME, such as syscalls/sys_enter_openat2",
	.check = check,
	.program = program,
	.cookie = cookie,
	.attach = attach,
};
