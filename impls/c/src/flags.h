/* SPDX-License-Identifier: MIT */
/* The names of the flags, and how they look on the command line. */
#ifndef FLAGS_H
#define FLAGS_H

enum flag_id {
	FLAG_DURATION,
	FLAG_VERBOSE,
	FLAG_OUTPUT,
	FLAG_PROGRAM_TYPE,
	FLAG_ATTACH_TARGET,
	FLAG_TARGET_PID,
	FLAG_RING_SIZE,
	FLAG_RECORD_SIZE,
	FLAG_BATCH,
	FLAG_WAKEUP,
	FLAG_WORK,
	FLAG_LATENCY,
	FLAG_CPU,
	FLAG_VERSION,
	FLAG_HELP,
};

struct flag {
	enum flag_id id;
	const char *name;
	char letter;	      /* or 0 */
	const char *expected; /* of its value; NULL: takes none */
};

/* One argument taken apart: `--batch`, `--batch=10`, `-d`, `-d10`, `-d=10`. */
struct word {
	const struct flag *flag; /* NULL: not known */
	const char *value;	 /* the attached one, or NULL */
	int flag_length;	 /* of the flag as it was typed, for messages */
};

struct word flags__take_apart(const char *arg);

#endif /* FLAGS_H */
