/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef BENCH_TYPE_FENTRY_H
#define BENCH_TYPE_FENTRY_H

#include "../trigger.h"

/* The target is set by user space: the entry's name depends on the architecture. */
static __always_inline int fentry(void *ctx, int more)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 cookie = 0;

	if (is_foreign(id))
		return 0;
	/* Not `*ctx`: that is a pointer to the verifier when the argument is one, and has no low half then. */
	if (knobs.cookie != BENCH_COOKIE_NONE)
		cookie = function_cookie(read_kernel(ctx));
	return produce(BENCH_EVENT_FENTRY, id, cookie, more);
}

PROGRAMS("fentry", fentry, void)

#endif /* BENCH_TYPE_FENTRY_H */
