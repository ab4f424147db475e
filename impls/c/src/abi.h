/* SPDX-License-Identifier: MIT */
/* The kernel/user ABI of impls/bpf/bench.h, with its layout asserted for this compiler. */
#ifndef ABI_H
#define ABI_H

#include <assert.h>
#include <linux/types.h>
#include <stddef.h>

#include "bench.h"

static_assert(sizeof(struct event) == 48, "struct event");
static_assert(offsetof(struct event, ktime_ns) == 0, "event.ktime_ns");
static_assert(offsetof(struct event, mark) == 8, "event.mark");
static_assert(offsetof(struct event, tgid) == 16, "event.tgid");
static_assert(offsetof(struct event, tid) == 20, "event.tid");
static_assert(offsetof(struct event, cpu) == 24, "event.cpu");
static_assert(offsetof(struct event, type) == 28, "event.type");
static_assert(offsetof(struct event, comm) == 32, "event.comm");

static_assert(sizeof(struct counters) == 32, "struct counters");
static_assert(offsetof(struct counters, attempted) == 0, "counters.attempted");
static_assert(offsetof(struct counters, submitted) == 8, "counters.submitted");
static_assert(offsetof(struct counters, dropped) == 16, "counters.dropped");
static_assert(offsetof(struct counters, dropped_marks) == 24, "counters.dropped_marks");

static_assert(sizeof(struct knobs) == 40, "struct knobs");
static_assert(offsetof(struct knobs, target_pid) == 0, "knobs.target_pid");
static_assert(offsetof(struct knobs, record_size) == 4, "knobs.record_size");
static_assert(offsetof(struct knobs, batch) == 8, "knobs.batch");
static_assert(offsetof(struct knobs, wakeup) == 12, "knobs.wakeup");
static_assert(offsetof(struct knobs, wakeup_bytes) == 16, "knobs.wakeup_bytes");
static_assert(offsetof(struct knobs, work) == 24, "knobs.work");
static_assert(offsetof(struct knobs, syscall_nr) == 28, "knobs.syscall_nr");
static_assert(offsetof(struct knobs, cookie) == 32, "knobs.cookie");
static_assert(offsetof(struct knobs, cookie_offset) == 36, "knobs.cookie_offset");

#endif /* ABI_H */
