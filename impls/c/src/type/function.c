// SPDX-License-Identifier: MIT
#include <string.h>

#include "type.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

bool function__is_target(const char *target)
{
	return strspn(target, LETTERS) && !target[strspn(target, LETTERS "0123456789.$")];
}

enum bench_cookie function__cookie(const char *target)
{
	if (strncmp(target, SYSCALL_ENTRY, strlen(SYSCALL_ENTRY)))
		return BENCH_COOKIE_FUNCTION;
	return REGISTERS_KNOWN ? BENCH_COOKIE_SYSCALL : BENCH_COOKIE_NONE;
}
