/* SPDX-License-Identifier: MIT */
/* The texts of bad command lines. Each fills in the failure and returns -1. */
#ifndef USAGE_H
#define USAGE_H

#include "failure.h"

int usage__unknown_flag(struct failure *failure, const char *flag);
int usage__missing_value(struct failure *failure, const char *flag);
int usage__needless_value(struct failure *failure, const char *flag);
int usage__stray_word(struct failure *failure, const char *word);
int usage__bad_value(struct failure *failure, const char *flag, const char *value, const char *expected);
int usage__forbidden_cpu(struct failure *failure, const char *value);

#endif /* USAGE_H */
