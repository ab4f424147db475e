"""The record of impls/bpf/bench.h, as user space reads it."""

import ctypes as ct


class Event(ct.Structure):
    """`struct event`. Padding up to the record size follows."""

    _fields_ = (
        ("ktime_ns", ct.c_uint64),
        ("mark", ct.c_uint64),
        ("tgid", ct.c_uint32),
        ("tid", ct.c_uint32),
        ("cpu", ct.c_uint32),
        ("type", ct.c_uint32),
        ("comm", ct.c_char * 16),
    )
