// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What all tracepoints of system calls begin with. */
struct syscall_entry {
	u64 common;
	u64 number;
	u64 arguments[1];
};

int ENTRY(struct syscall_entry *ctx)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 cookie = 0;

	if (is_foreign(id))
		return 0;
	/* Not every tracepoint has a field there, and the kernel refuses to attach a program that reads beyond the last. */
	if (COOKIE == BENCH_COOKIE_SYSCALL)
		cookie = ctx->arguments[0];
	return produce(BENCH_EVENT_TRACEPOINT, id, cookie);
}
