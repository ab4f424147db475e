"""BCC's shortest correct loop: what the runner is measured against; scripts/bench/loops/src/lib.rs says more.

bcc_loop.py MAP_ID CPU [--plain]

BCC reads only tables of programs that it has compiled itself, so the ring is opened by what `open_ring_buffer` calls,
with the wrapper that it puts around a callback. `--plain` reads a record as BCC's documents show it, through a cast
structure.
"""

import ctypes as ct
import errno
import os
import platform
import signal
import sys
from collections.abc import Callable

from bcc.libbcc import _RINGBUF_CB_TYPE, lib

BPF_MAP_GET_FD_BY_ID = 14
SYS_BPF = {"x86_64": 321, "aarch64": 280}


class Event(ct.Structure):
    """The head of `struct event` of impls/bpf/bench.h."""

    _fields_ = (("ktime_ns", ct.c_uint64), ("mark", ct.c_uint64))


def map_fd(map_id: int) -> int:
    """A descriptor of a map."""
    attributes = (ct.c_uint32 * 4)(map_id)
    fd = ct.CDLL(None, use_errno=True).syscall(
        ct.c_long(SYS_BPF[platform.machine()]), BPF_MAP_GET_FD_BY_ID, attributes, ct.sizeof(attributes)
    )
    if fd < 0:
        sys.exit(f"error: cannot open map {map_id}: {os.strerror(ct.get_errno())}")
    return fd


def wrapped(callback: Callable[[object, int, int], int]) -> Callable[[object, int, int], int]:
    """What BCC's `open_ring_buffer` puts around each callback (src/python/bcc/table.py)."""

    def call(context: object, data: int, size: int) -> int:
        try:
            ret = callback(context, data, size)
            try:
                ret = int(ret)
            except Exception:
                ret = 0
        except OSError as error:
            if error.errno == errno.EPIPE:
                sys.exit()
            raise
        return ret

    return call


def main() -> int:
    """Reads until SIGTERM."""
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 64
    os.sched_setaffinity(0, {int(sys.argv[2])})
    received = marks = 0
    stopped = False
    words = ct.cast(8, ct.POINTER(ct.c_uint64))
    pointer = ct.POINTER(Event)

    def tuned(_context: object, data: int, _size: int) -> int:
        nonlocal received, marks
        marks += words[data >> 3]
        received += 1
        return 0

    def plain(_context: object, data: int, _size: int) -> int:
        nonlocal received, marks
        marks += ct.cast(data, pointer).contents.mark
        received += 1
        return 0

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    callback = _RINGBUF_CB_TYPE(wrapped(plain if "--plain" in sys.argv else tuned))
    # BCC declares no types for consuming, and an address would be cut to an int.
    ring = ct.c_void_p(lib.bpf_new_ringbuf(map_fd(int(sys.argv[1])), callback, None))
    if not ring:
        sys.exit(f"error: map {sys.argv[1]} is no ring buffer")
    print("ready", flush=True)
    while not stopped:
        lib.bpf_poll_ringbuf(ring, 100)
    lib.bpf_consume_ringbuf(ring)
    print(received, marks & ((1 << 64) - 1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
