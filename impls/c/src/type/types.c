// SPDX-License-Identifier: MIT
/* The program types of this runner. */
#include <stdio.h>
#include <string.h>

#include "type.h"

extern const struct program_type tracepoint, raw_tracepoint, kprobe, fentry;

static const struct program_type *const types[] = {
	&tracepoint,
	&raw_tracepoint,
	&kprobe,
	&fentry,
};

#define NR_TYPES (sizeof(types) / sizeof(types[0]))

const struct program_type *program_type__find(const char *name)
{
	size_t i;

	for (i = 0; i < NR_TYPES; i++)
		if (strcmp(name, types[i]->name) == 0)
			return types[i];
	return NULL;
}

const char *program_type__names(void)
{
	static char names[256];
	size_t length = 0, i;

	for (i = 0; i < NR_TYPES && length < sizeof(names); i++)
		length += snprintf(names + length, sizeof(names) - length, "%s%s", i ? ", " : "", types[i]->name);
	return names;
}
