/* SPDX-License-Identifier: MIT */
/* From `ready` to the end: consume, stop, settle the accounts. */
#ifndef LOOP_H
#define LOOP_H

#include "mechanism/mechanism.h"
#include "program.h"

/* Consumes until a reason to stop comes; the time that this took and what was read in it go to the summary. */
void loop__consume(const struct mechanism *mechanism, struct consumer *consumer, const struct args *args,
		   struct summary *summary);

/* Detaches the program, reads what is left and both sides' figures. */
void loop__settle(const struct mechanism *mechanism, struct consumer *consumer, struct program *program,
		  struct summary *summary);

#endif /* LOOP_H */
