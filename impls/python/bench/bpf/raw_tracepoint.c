// SPDX-License-Identifier: MIT OR GPL-2.0-only
int ENTRY(struct bpf_raw_tracepoint_args *ctx)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 cookie = 0;

	if (ctx->args[1] != SYSCALL_NR || is_foreign(id))
		return 0;
	if (COOKIE == BENCH_COOKIE_SYSCALL)
		cookie = first_register(ctx->args[0]);
	return produce(BENCH_EVENT_RAW_TRACEPOINT, id, cookie);
}
