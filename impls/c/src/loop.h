/* SPDX-License-Identifier: MIT */
/* From `ready` to the end: consume, stop, settle the accounts. */
#ifndef LOOP_H
#define LOOP_H

#include "mechanism/mechanism.h"
#include "program.h"

/* Later than anything. */
#define NEVER (UINT64_MAX / 2)

/*
 * Consumes until a reason to stop comes, at `deadline` at the latest, and says `counters` every 100 ms from
 * `next_tick` on; returns when that was.
 */
__u64 loop__read(const struct mechanism *mechanism, struct consumer *consumer, const struct args *args, __u64 next_tick,
		 __u64 deadline);

/* Consumes until a reason to stop comes; the time that this took and what was read in it go to the summary. */
void loop__consume(const struct mechanism *mechanism, struct consumer *consumer, const struct args *args,
		   struct summary *summary);

/* Detaches the program, reads what is left and both sides' figures. */
void loop__settle(const struct mechanism *mechanism, struct consumer *consumer, struct program *program,
		  struct summary *summary);

#endif /* LOOP_H */
