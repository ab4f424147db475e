// SPDX-License-Identifier: MIT
#include "bpf_object.h"

/* ELF headers are read in place, so they need the alignment of their widest field. */
const unsigned char bpf_object_bytes[] __attribute__((aligned(8))) = {
#include "bpf_object_bytes.h" /* written by build.rs */
};

const size_t bpf_object_size = sizeof(bpf_object_bytes);
