/* SPDX-License-Identifier: MIT */
/* What this kernel and these privileges allow, found out before libbpf would fail with less to say. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>

#include "failure.h"

#define KERNEL_CPU_MAX 4095

/* How the functions are called at which the kernel enters a system call. */
#if defined(__x86_64__)
#define KERNEL_SYSCALL_ENTRY "__x64_sys_"
#elif defined(__aarch64__)
#define KERNEL_SYSCALL_ENTRY "__arm64_sys_"
#elif defined(__riscv)
#define KERNEL_SYSCALL_ENTRY "__riscv_sys_"
#elif defined(__s390x__)
#define KERNEL_SYSCALL_ENTRY "__s390x_sys_"
#else
#define KERNEL_SYSCALL_ENTRY "sys_"
#endif

#define KERNEL_OPENAT2_ENTRY KERNEL_SYSCALL_ENTRY "openat2"

int kernel__check_privileges(struct failure *failure);
int kernel__check_kprobes(struct failure *failure);

/* Whether this process may be pinned to that CPU. */
bool kernel__may_run_on(int cpu);
int kernel__pin_to(int cpu, struct failure *failure);

/* Returns when every BPF program that was running has ended. */
void kernel__wait_for_programs(void);

#endif /* KERNEL_H */
