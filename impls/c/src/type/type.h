/* SPDX-License-Identifier: MIT */
/* What a program type is to this runner. Each is one file here, one of impls/bpf/type and one line of types.c. */
#ifndef TYPE_H
#define TYPE_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "skeleton.h"

struct program_type {
	const char *name; /* as in `--program-type` */
	const char *default_target;
	/* What `--attach-target` may be, also in words. Only characters that a JSON string has as they are. */
	bool (*is_target)(const char *target);
	const char *expected;
	/* Fails where this kernel has not what the program needs. May be NULL. */
	void (*check)(const char *target);
	/* Its program, the usual one or the one that can do `more`: impls/bpf/trigger.h. */
	struct bpf_program *(*program)(const struct skeleton *skeleton, bool more);
	/* Where the program finds a trigger's cookie: docs/PROTOCOL.md, Marks. */
	enum bench_cookie (*cookie)(const char *target);
	/* What has to be settled before loading; 0, or an error number below zero. May be NULL. */
	int (*set)(struct bpf_program *program, const char *target);
	struct bpf_link *(*attach)(const struct bpf_program *program, const char *target);
	const char *refused_hint; /* what to do where the kernel refuses it, or NULL */
};

/* By its name; NULL if there is none. */
const struct program_type *program_type__find(const char *name);

/* The names of all, for a person. */
const char *program_type__names(void);

/* How the functions are called at which the kernel enters a system call. */
#if defined(__x86_64__)
#define SYSCALL_ENTRY "__x64_sys_"
#elif defined(__aarch64__)
#define SYSCALL_ENTRY "__arm64_sys_"
#elif defined(__riscv)
#define SYSCALL_ENTRY "__riscv_sys_"
#elif defined(__s390x__)
#define SYSCALL_ENTRY "__s390x_sys_"
#else
#define SYSCALL_ENTRY "sys_"
#endif

/* Of the first argument's register in struct pt_regs, on the architectures that the contract names. */
#if defined(__x86_64__)
#define REGISTERS_KNOWN true
#define REGISTER_OFFSET 112 /* di */
#elif defined(__aarch64__)
#define REGISTERS_KNOWN true
#define REGISTER_OFFSET 0 /* regs[0] */
#else
#define REGISTERS_KNOWN false
#define REGISTER_OFFSET 0
#endif

/* For the types that attach to a kernel function, such as `__x64_sys_openat2` or `foo.isra.0`. */
bool function__is_target(const char *target);
enum bench_cookie function__cookie(const char *target);

#endif /* TYPE_H */
