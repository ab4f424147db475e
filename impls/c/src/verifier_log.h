/* SPDX-License-Identifier: MIT */
/* Whether it was the verifier that refused a program: libbpf's error alone does not tell, its log does. */
#ifndef VERIFIER_LOG_H
#define VERIFIER_LOG_H

#include <stdbool.h>

/* Reads what libbpf says from now on, and passes it on to standard error if `verbose`. */
void verifier_log__listen(bool verbose);

/* Whether the log of a refused program was heard, of which the verifier had looked at one instruction at least. */
bool verifier_log__has_verdict(void);

/* Whether a log says that. */
bool verifier_log__is_verdict(const char *log);

#endif /* VERIFIER_LOG_H */
