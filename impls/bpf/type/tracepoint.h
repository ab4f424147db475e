/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef BENCH_TYPE_TRACEPOINT_H
#define BENCH_TYPE_TRACEPOINT_H

#include "../trigger.h"

static __always_inline int tracepoint(void *ctx, int more)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 cookie = 0;

	if (is_foreign(id))
		return 0;
	/* Not every tracepoint has a field there, and the kernel refuses to attach a program that reads beyond the last. */
	if (knobs.cookie == BENCH_COOKIE_SYSCALL)
		cookie = *(const __u64 *)(ctx + 16);
	return produce(BENCH_EVENT_TRACEPOINT, id, cookie, more);
}

PROGRAMS("tracepoint/syscalls/sys_enter_openat2", tracepoint, void)

#endif /* BENCH_TYPE_TRACEPOINT_H */
