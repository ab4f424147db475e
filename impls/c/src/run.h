/* SPDX-License-Identifier: MIT */
/* From `ready` to the end: consume, stop, settle the accounts. */
#ifndef RUN_H
#define RUN_H

#include "args.h"
#include "consumer.h"
#include "program.h"

/* Consumes until a reason to stop comes; the time that this took and what was read in it go to the summary. */
int run__consume(struct consumer *consumer, const struct args *args, struct summary *summary, struct failure *failure);

/* Detaches the program, reads what is left and both sides' figures. */
int run__settle(struct consumer *consumer, struct program *program, struct summary *summary, struct failure *failure);

#endif /* RUN_H */
