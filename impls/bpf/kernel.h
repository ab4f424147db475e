/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The few kernel types and constants that the programs need. A hand-written list instead of a generated vmlinux.h or the
 * system's <linux/bpf.h>: it is the same on every machine, and nothing here is read at a kernel-dependent offset.
 * Values are those of include/uapi/linux/bpf.h.
 */
#ifndef BENCH_KERNEL_H
#define BENCH_KERNEL_H

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef signed short __s16;
typedef unsigned int __u32;
typedef signed int __s32;
typedef unsigned long long __u64;
typedef signed long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;

enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
	BPF_F_RDONLY_PROG = 1U << 7,
};

enum {
	BPF_RB_NO_WAKEUP = 1,
	BPF_RB_FORCE_WAKEUP = 2,
};

enum {
	BPF_RB_AVAIL_DATA = 0,
};

/* A raw tracepoint's arguments; sys_enter has (struct pt_regs *regs, long id). */
struct bpf_raw_tracepoint_args {
	__u64 args[0];
};

#endif /* BENCH_KERNEL_H */
