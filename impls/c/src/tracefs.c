// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracefs.h"

#define TRACEFS "/sys/kernel/tracing"

/* Where it may be; the kernel itself mounts it at the second place when somebody looks there. */
static const char *const mounts[] = {TRACEFS, "/sys/kernel/debug/tracing"};

#define NR_MOUNTS (sizeof(mounts) / sizeof(mounts[0]))

/* The first place that has tracepoints; NULL with the reason in errno. */
static const char *find_mount(void)
{
	int reason = ENOENT;
	struct stat status;
	char path[64];
	size_t i;

	for (i = 0; i < NR_MOUNTS; i++) {
		snprintf(path, sizeof(path), "%s/events", mounts[i]);
		if (stat(path, &status) == 0)
			return mounts[i];
		if (errno == EACCES || errno == EPERM)
			reason = errno;
	}
	errno = reason;
	return NULL;
}

/* Opens a file of the tracepoint; -1 with the reason in errno. `access` would ask about another user, the real one. */
static int open_file(const char *mount, const char *tracepoint, const char *name)
{
	char path[512];

	if (snprintf(path, sizeof(path), "%s/events/%s/%s", mount, tracepoint, name) >= (int)sizeof(path)) {
		errno = ENOENT;
		return -1;
	}
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int not_allowed(struct failure *failure)
{
	return failure__set(failure, FAILURE_PERMISSION, "run it with sudo", "this process may not read `" TRACEFS "`");
}

int tracefs__check(const char *tracepoint, struct failure *failure)
{
	const char *mount = find_mount();
	int fd;

	if (!mount && errno != ENOENT)
		return not_allowed(failure);
	if (!mount)
		return failure__set(failure, FAILURE_UNSUPPORTED, "run `mount -t tracefs tracefs " TRACEFS "` as root",
				    "tracefs is not mounted at `" TRACEFS "`");
	fd = open_file(mount, tracepoint, "id");
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (errno == EACCES || errno == EPERM)
		return not_allowed(failure);
	return failure__set(failure, FAILURE_UNSUPPORTED, "list them with `ls " TRACEFS "/events`",
			    "this kernel has no tracepoint `%s`", tracepoint);
}

bool tracefs__has_field_at(const char *tracepoint, unsigned int offset)
{
	const char *mount = find_mount();
	int fd = mount ? open_file(mount, tracepoint, "format") : -1;
	char line[512], field[32];
	bool found = false;
	FILE *format;

	format = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (!format) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	snprintf(field, sizeof(field), "offset:%u;", offset);
	while (!found && fgets(line, sizeof(line), format))
		found = strstr(line, field) != NULL;
	fclose(format);
	return found;
}
