/* SPDX-License-Identifier: MIT */
/* The BPF program: open, set, load, attach, read its counters, detach. To be called in this order. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "args.h"
#include "failure.h"
#include "protocol.h"

struct bpf_link;
struct bpf_map;
struct bpf_object;
struct bpf_program;

/* All zero before program__open. */
struct program {
	enum program_type type;
	const char *attach_target;
	struct bpf_object *object;
	struct bpf_program *chosen;
	struct bpf_map *events;
	struct bpf_map *counters;
	struct bpf_link *link;
};

int program__open(struct program *program, const struct args *args, struct failure *failure);

/* Ring size, knobs, and which program to load: what has to be settled before the verifier sees it. */
int program__set(struct program *program, const struct args *args, struct failure *failure);

int program__load(struct program *program, struct failure *failure);
int program__attach(struct program *program, struct failure *failure);

/* The kernel's ids of the attached program and of all the maps that it uses. */
int program__read_ids(const struct program *program, struct ready *ready, struct failure *failure);

/* The program's counters, summed over CPUs. */
int program__read_counters(const struct program *program, struct counters *sum, struct failure *failure);

/* Returns when the program no longer runs anywhere. */
void program__detach(struct program *program);

/* Frees everything; also for a program that did not get as far as open. */
void program__destroy(struct program *program);

#endif /* PROGRAM_H */
