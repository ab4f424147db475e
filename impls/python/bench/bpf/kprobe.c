// SPDX-License-Identifier: MIT OR GPL-2.0-only
int ENTRY(struct pt_regs *ctx)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 cookie = 0;

	if (is_foreign(id))
		return 0;
	if (COOKIE != BENCH_COOKIE_NONE)
		cookie = function_cookie(first_register((u64)ctx));
	return produce(BENCH_EVENT_KPROBE, id, cookie);
}
