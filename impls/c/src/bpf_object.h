/* SPDX-License-Identifier: MIT */
/* The compiled BPF program, embedded so that the runner is one file. */
#ifndef BPF_OBJECT_H
#define BPF_OBJECT_H

#include <stddef.h>

extern const unsigned char bpf_object_bytes[];
extern const size_t bpf_object_size;

#endif /* BPF_OBJECT_H */
