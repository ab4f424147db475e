/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef BENCH_TYPE_KPROBE_H
#define BENCH_TYPE_KPROBE_H

#include "../trigger.h"

static __always_inline int kprobe(void *ctx, int more)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 cookie = 0;

	if (is_foreign(id))
		return 0;
	if (knobs.cookie != BENCH_COOKIE_NONE)
		cookie = function_cookie(first_register(ctx));
	return produce(BENCH_EVENT_KPROBE, id, cookie, more);
}

PROGRAMS("kprobe", kprobe, void)

#endif /* BENCH_TYPE_KPROBE_H */
