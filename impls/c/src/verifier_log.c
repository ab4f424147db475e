// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* vasprintf */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verifier_log.h"

static bool is_verbose;
static bool has_verdict;

/* A helper that this kernel has not, or not when it is locked down. The words differ between versions. */
static bool lacks_helper(const char *log)
{
	return strstr(log, "unknown func ") || strstr(log, "invalid func ") || strstr(log, "cannot use helper ");
}

bool verifier_log__is_verdict(const char *log)
{
	/*
	 * The last line of the verifier, `processed 109 insns (limit 1000000) ...`. It says 0 where the kernel found
	 * before it that the program cannot be attached.
	 */
	static const char processed[] = "\nprocessed ";
	const char *line = strstr(log, processed);

	return line && strtoul(line + strlen(processed), NULL, 10) > 0 && !lacks_helper(log);
}

static int on_message(enum libbpf_print_level level, const char *format, va_list args)
{
	char *text;
	int length;

	if (level != LIBBPF_WARN && !is_verbose)
		return 0;
	length = vasprintf(&text, format, args);
	if (length < 0)
		return 0;
	has_verdict |= verifier_log__is_verdict(text);
	if (is_verbose)
		fputs(text, stderr);
	free(text);
	return length;
}

void verifier_log__listen(bool verbose)
{
	is_verbose = verbose;
	has_verdict = false;
	libbpf_set_print(on_message);
}

bool verifier_log__has_verdict(void)
{
	return has_verdict;
}
