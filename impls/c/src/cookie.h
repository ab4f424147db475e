/* SPDX-License-Identifier: MIT */
/* Where the BPF program finds a trigger's cookie: docs/PROTOCOL.md, Marks. */
#ifndef COOKIE_H
#define COOKIE_H

#include "args.h"

/* Of the first argument's register in struct pt_regs; -1 on an architecture that the contract does not name. */
#if defined(__x86_64__)
#define COOKIE_REGISTER_OFFSET 112 /* di */
#elif defined(__aarch64__)
#define COOKIE_REGISTER_OFFSET 0 /* regs[0] */
#else
#define COOKIE_REGISTER_OFFSET (-1)
#endif

/* Sets `knobs->cookie` and `knobs->cookie_offset`. */
void cookie__locate(const struct args *args, struct knobs *knobs);

#endif /* COOKIE_H */
