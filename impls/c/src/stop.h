/* SPDX-License-Identifier: MIT */
/* Being told to stop: SIGINT, SIGTERM, or the end of a pipe on standard input. */
#ifndef STOP_H
#define STOP_H

#include <stdbool.h>

/*
 * Installs the signal handlers and looks at what standard input is. A reader of standard output that is gone then fails
 * the next write instead of killing the runner.
 */
void stop__listen(void);

/* Whether a signal has come: a load from memory, cheap enough for every round of the loop. */
bool stop__signalled(void);

/* Whether standard input is a pipe and has ended. Reads and ignores what has arrived; never waits. */
bool stop__input_ended(void);

#endif /* STOP_H */
