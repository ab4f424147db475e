// SPDX-License-Identifier: MIT OR GPL-2.0-only
int ENTRY(void *ctx)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 cookie = 0;

	if (is_foreign(id))
		return 0;
	/* Not `*ctx`: that is a pointer to the verifier when the argument is one, and has no low half then. */
	if (COOKIE != BENCH_COOKIE_NONE)
		cookie = function_cookie(read_kernel((u64)ctx));
	return produce(BENCH_EVENT_FENTRY, id, cookie);
}
