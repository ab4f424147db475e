/* SPDX-License-Identifier: MIT */
/* The BPF program: load, attach, read its counters, detach. To be called in this order. All fail where they cannot. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "contract/contract.h"
#include "mechanism/mechanism.h"
#include "skeleton.h"

struct program {
	const struct program_type *type;
	const char *attach_target;
	struct skeleton skeleton;
	struct bpf_program *chosen;
	struct bpf_link *link;
};

/* Fails where this kernel and these privileges cannot do it, before libbpf would with less to say. */
void program__check(const struct args *args);

void program__load(struct program *program, const struct mechanism *mechanism, const struct args *args,
		   struct ready *ready);
void program__attach(struct program *program);

/* Whether a log says that it was the verifier that refused a program: libbpf's error alone does not tell. */
bool program__is_verdict(const char *log);

/* Adds the kernel's ids of the attached program and of all the maps that it uses. */
void program__read_ids(const struct program *program, struct ready *ready);

/* The program's counters, summed over CPUs. */
void program__read_counters(const struct program *program, struct counters *sum);

/* Returns when the program no longer runs anywhere. */
void program__detach(struct program *program);

#endif /* PROGRAM_H */
