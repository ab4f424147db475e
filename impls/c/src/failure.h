/* SPDX-License-Identifier: MIT */
/* Why the runner cannot go on: filled by whoever finds out, printed once by main. */
#ifndef FAILURE_H
#define FAILURE_H

enum failure_kind {
	FAILURE_USAGE,
	FAILURE_UNSUPPORTED,
	FAILURE_PERMISSION,
	FAILURE_INTERNAL,
};

struct failure {
	enum failure_kind kind;
	char message[1024];
	char hint[256]; /* empty: none */
};

/* Fills in a failure and returns -1, so that the finder can return it at once. `hint` may be NULL. */
int failure__set(struct failure *failure, enum failure_kind kind, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* For standard output that cannot be written, with the reason in errno. Returns -1. */
int failure__output(struct failure *failure);

/* The kind's name on the protocol. */
const char *failure__kind_name(enum failure_kind kind);

/* The exit status of docs/PROTOCOL.md. */
int failure__exit_status(const struct failure *failure);

#endif /* FAILURE_H */
