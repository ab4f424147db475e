// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* CPU sets */
#include <errno.h>
#include <linux/capability.h>
#include <linux/membarrier.h>
#include <linux/types.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel.h"

#define KPROBE_PMU "/sys/bus/event_source/devices/kprobe"

/* As of Linux 5.8; Debian 11's user-space headers know them, older ones do not. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF 39
#endif

static bool has_capability(const struct __user_cap_data_struct *data, int capability)
{
	return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

int kernel__check_privileges(struct failure *failure)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capget, &header, data) == 0 &&
	    (has_capability(data, CAP_SYS_ADMIN) ||
	     (has_capability(data, CAP_BPF) && has_capability(data, CAP_PERFMON))))
		return 0;
	return failure__set(failure, FAILURE_PERMISSION, "run it with sudo",
			    "loading BPF programs needs root, or CAP_BPF and CAP_PERFMON");
}

int kernel__check_kprobes(struct failure *failure)
{
	if (access(KPROBE_PMU, F_OK) == 0)
		return 0;
	return failure__set(failure, FAILURE_UNSUPPORTED,
			    "use `--program-type tracepoint`, or a kernel built with CONFIG_KPROBES=y",
			    "this kernel has no kprobes (CONFIG_KPROBES is off)");
}

bool kernel__may_run_on(int cpu)
{
	cpu_set_t *allowed = CPU_ALLOC(KERNEL_CPU_MAX + 1);
	size_t size = CPU_ALLOC_SIZE(KERNEL_CPU_MAX + 1);
	bool may = false;

	if (!allowed)
		return false;
	CPU_ZERO_S(size, allowed);
	if (sched_getaffinity(0, size, allowed) == 0)
		may = CPU_ISSET_S((size_t)cpu, size, allowed);
	CPU_FREE(allowed);
	return may;
}

int kernel__pin_to(int cpu, struct failure *failure)
{
	cpu_set_t *only = CPU_ALLOC(KERNEL_CPU_MAX + 1);
	size_t size = CPU_ALLOC_SIZE(KERNEL_CPU_MAX + 1);
	int err = ENOMEM;

	if (only) {
		CPU_ZERO_S(size, only);
		CPU_SET_S((size_t)cpu, size, only);
		err = sched_setaffinity(0, size, only) ? errno : 0;
		CPU_FREE(only);
	}
	if (!err)
		return 0;
	return failure__set(failure, FAILURE_INTERNAL, NULL, "cannot pin the runner to CPU %d: %s", cpu, strerror(err));
}

void kernel__wait_for_programs(void)
{
	/*
	 * A global memory barrier waits for an RCU grace period, and BPF programs run inside RCU read-side sections.
	 * Where the kernel has none, the caller's check that the counters balance has to do.
	 */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}
