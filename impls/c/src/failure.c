// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "failure.h"

int failure__set(struct failure *failure, enum failure_kind kind, const char *hint, const char *format, ...)
{
	va_list args;

	failure->kind = kind;
	va_start(args, format);
	vsnprintf(failure->message, sizeof(failure->message), format, args);
	va_end(args);
	snprintf(failure->hint, sizeof(failure->hint), "%s", hint ? hint : "");
	return -1;
}

int failure__output(struct failure *failure)
{
	return failure__set(failure, FAILURE_INTERNAL, NULL, "cannot write to standard output: %s", strerror(errno));
}

const char *failure__kind_name(enum failure_kind kind)
{
	switch (kind) {
	case FAILURE_USAGE:
		return "usage";
	case FAILURE_UNSUPPORTED:
		return "unsupported";
	case FAILURE_PERMISSION:
		return "permission";
	default:
		return "internal";
	}
}

int failure__exit_status(const struct failure *failure)
{
	switch (failure->kind) {
	case FAILURE_USAGE:
		return EX_USAGE;
	case FAILURE_UNSUPPORTED:
	case FAILURE_PERMISSION:
		return EX_UNAVAILABLE;
	default:
		return EX_SOFTWARE;
	}
}
