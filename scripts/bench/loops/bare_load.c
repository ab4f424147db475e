// SPDX-License-Identifier: MIT
/*
 * The bare closed loop: what `orchestrator load` is compared with.
 *
 *   cc -O2 -Wall -Wextra -Werror -o bare_load bare_load.c
 *   bare_load SECONDS
 *
 * Calls the cheapest trigger, an openat2 with a size of 0 that fails at once with EINVAL, for SECONDS on one thread and prints
 * the calls per second as a whole number. It counts and checks results like the load generator, and does nothing else: no
 * threads, no signals, no patterns. Pin it with taskset.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437 /* on every architecture */
#endif

/* Calls between two looks at the clock: the load generator's largest chunk. */
#define CHUNK 256

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	unsigned long calls = 0, unexpected = 0;
	double seconds, start, elapsed;
	char *end;
	int i;

	seconds = argc == 2 ? strtod(argv[1], &end) : 0;
	if (!(seconds > 0 && seconds <= 1e6) || *end) {
		fprintf(stderr, "error: expected seconds above 0 and at most 1000000\n\nhint: `bare_load 2`\n");
		return 64;
	}

	start = now();
	do {
		for (i = 0; i < CHUNK; i++)
			unexpected += syscall(SYS_openat2, -1L, NULL, NULL, 0UL) != -1 || errno != EINVAL;
		calls += CHUNK;
		elapsed = now() - start;
	} while (elapsed < seconds);

	if (unexpected) {
		fprintf(stderr, "error: %lu calls did not fail with EINVAL\n\nhint: openat2 needs Linux 5.6\n",
			unexpected);
		return 69;
	}
	printf("%.0f\n", (double)calls / elapsed);
	return 0;
}
