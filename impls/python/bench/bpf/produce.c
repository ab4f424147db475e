// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Every trigger produces BATCH records: the same program as in impls/bpf, statement by statement, in BCC's dialect: maps are
 * declared with macros and called like methods.
 *
 * Of the texts in this folder one of a mechanism, this one and one of a program type are compiled as one, in this order, when
 * the runner starts. So struct knobs is macros, its fields' names in capitals; two more are ENTRY, the name of the program, and RING_PAGES.
 */
BPF_PERCPU_ARRAY(counters, struct counters, 1);

static __always_inline void do_work(void)
{
	u64 x = bpf_ktime_get_ns();
	u32 i;

	for (i = 0; i < WORK && i < BENCH_WORK_MAX; i++) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		/* The result is unused on purpose; this keeps the compiler from noticing. */
		asm volatile("" : "+r"(x));
	}
}

#if LOOKUPS
/* The program cannot write to it, so it is no way to tell the consumer anything. */
BPF_F_TABLE("hash", u32, u64, table, BENCH_TABLE_SIZE, BPF_F_RDONLY_PROG);

static __always_inline void do_lookups(u32 cookie)
{
	u64 sum = 0, *found;
	u32 i, key;

	for (i = 0; i < LOOKUPS && i < BENCH_LOOKUPS_MAX; i++) {
		key = (cookie + i) % BENCH_TABLE_SIZE;
		found = table.lookup(&key);
		if (found)
			sum += *found;
		asm volatile("" : "+r"(sum));
	}
}
#endif

/* The 64 bits at an address in the kernel, 0 if there is nothing. */
static __always_inline u64 read_kernel(u64 address)
{
	u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (void *)address);
	return value;
}

/*
 * The first argument's register in a struct pt_regs. Read with the helper, even where the program's own context is the
 * struct, as the other kernel side does. Addresses are numbers here: BCC rewrites what reads through a pointer.
 */
static __always_inline u64 first_register(u64 regs)
{
	return read_kernel(regs + COOKIE_OFFSET);
}

/* Of a system call's entry, the argument is a pointer to the registers that hold the call's own arguments. */
static __always_inline u64 function_cookie(u64 argument)
{
	return COOKIE == BENCH_COOKIE_SYSCALL ? first_register(argument) : argument;
}

/* Whether the current thread's triggers are not to be counted. */
static __always_inline int is_foreign(u64 id)
{
	return TARGET_PID && TARGET_PID != id >> 32;
}

static __always_inline int produce(u32 type, u64 id, u32 cookie)
{
	int zero = 0;
	u32 i;
	struct counters *c;
	struct event head;
	void *buffer;

	if (KEEP_ONE_IN > 1 && cookie % KEEP_ONE_IN)
		return 0;
	c = counters.lookup(&zero);
	if (!c)
		return 0;

	/* All records of one trigger share what the trigger is: who, where and when. */
	head.ktime_ns = bpf_ktime_get_ns();
	head.tgid = id >> 32;
	head.tid = id;
	head.cpu = bpf_get_smp_processor_id();
	head.type = type;
	bpf_get_current_comm(head.comm, sizeof(head.comm));
	if (WORK)
		do_work();
#if LOOKUPS
	do_lookups(cookie);
#endif

	buffer = buffer_of(head.cpu);
	if (!buffer) {
		c->attempted += BATCH;
		c->dropped += BATCH;
		c->dropped_marks += (u64)BATCH * cookie + (u64)BATCH * (BATCH - 1) / 2;
		return 0;
	}
	for (i = 0; i < BATCH && i < BENCH_BATCH_MAX; i++) {
		struct event *e;

		/*
		 * The counters stay in memory: sums carried in registers would make every iteration a new state
		 * to the verifier, and a batch of 1,000 would pass its limit.
		 */
		c->attempted++;
		e = reserve(buffer);
		if (!e) {
			c->dropped++;
			c->dropped_marks += (u64)cookie + i;
			continue;
		}
		head.mark = (u64)cookie + i;
		*e = head;
		c->submitted++;
		submit(buffer, e);
	}
	return 0;
}
