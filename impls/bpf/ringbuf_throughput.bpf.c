// SPDX-License-Identifier: MIT OR GPL-2.0-only
// Producer of the ring buffer benchmarks: every trigger produces knobs.batch records.

// bpf2go compiles it from another folder; this keeps Go from taking it for cgo.
//go:build ignore

#include "mechanism/ringbuf.h"
#include "program_types.h"
