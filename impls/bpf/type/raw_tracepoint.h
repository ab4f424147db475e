/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef BENCH_TYPE_RAW_TRACEPOINT_H
#define BENCH_TYPE_RAW_TRACEPOINT_H

#include "../trigger.h"

static __always_inline int raw_tp(struct bpf_raw_tracepoint_args *ctx, int more)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 cookie = 0;

	if (ctx->args[1] != knobs.syscall_nr || is_foreign(id))
		return 0;
	if (knobs.cookie == BENCH_COOKIE_SYSCALL)
		cookie = first_register((const void *)ctx->args[0]);
	return produce(BENCH_EVENT_RAW_TRACEPOINT, id, cookie, more);
}

PROGRAMS("raw_tracepoint/sys_enter", raw_tp, struct bpf_raw_tracepoint_args)

#endif /* BENCH_TYPE_RAW_TRACEPOINT_H */
