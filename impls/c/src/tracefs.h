/* SPDX-License-Identifier: MIT */
/* What tracefs tells of tracepoints. */
#ifndef TRACEFS_H
#define TRACEFS_H

#include <stdbool.h>

#include "failure.h"

/* Whether the kernel has this tracepoint, and whether this process may read what libbpf reads of it. */
int tracefs__check(const char *tracepoint, struct failure *failure);

/* Whether the tracepoint's context has a field at this offset; false when that cannot be read. */
bool tracefs__has_field_at(const char *tracepoint, unsigned int offset);

#endif /* TRACEFS_H */
