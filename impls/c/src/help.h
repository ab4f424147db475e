/* SPDX-License-Identifier: MIT */
#ifndef HELP_H
#define HELP_H

/* The output of --help; equal in every runner. */
extern const char help_text[];

#endif /* HELP_H */
