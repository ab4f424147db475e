/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Every program type, for every mechanism. */
#include "type/tracepoint.h"
#include "type/raw_tracepoint.h"
#include "type/kprobe.h"
#include "type/fentry.h"
