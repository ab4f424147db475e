"""The ring buffer, and what happens to each of its records.

This is the hot path. BCC calls a Python function for every record, so each bytecode here is paid for millions of times:
the state is in closure cells, which are cheaper than attributes, and there is one callback with delays and one without.
Beside these tuned ones stand the plain ones, which read a record as BCC's documentation does.
"""

import ctypes as ct
from time import monotonic_ns

from ..contract.delays import HALF_BITS, HIGHEST_NS, SUB_BUCKET_BITS, SUB_BUCKET_MASK, empty_counts, slot
from ..framework import BPF

_U64_MASK = (1 << 64) - 1
_STOP_DRAIN = -1


class Event(ct.Structure):
    """`struct event` of impls/bpf/bench.h. Padding up to the record size follows."""

    _fields_ = (
        ("ktime_ns", ct.c_uint64),
        ("mark", ct.c_uint64),
        ("tgid", ct.c_uint32),
        ("tid", ct.c_uint32),
        ("cpu", ct.c_uint32),
        ("type", ct.c_uint32),
        ("comm", ct.c_char * 16),
    )


class RingBuffer:
    """Counts, sums and, if wanted, times records.

    `callback` is for BCC. It returns `verdict`: 0 to go on; negative to end the drain after this record, which libbpf
    then counts as consumed. Ending a drain thus costs nothing per record, no clock and no comparison: a signal handler
    calls `end_drain`, and Python runs those handlers between bytecodes, also in the middle of a saturated drain.
    """

    # Its C text in ../bpf, what has to stand before that, and its maps.
    text = "ringbuf"
    declarations = ""
    maps = ("events",)

    def __init__(self, *, latency: bool, plain: bool = False) -> None:
        """With `latency`, `delay_counts` is filled; `plain` chooses the documented way to read a record."""
        received = marks = verdict = 0
        # Nearly always all records have one size: then their bytes since number `since` follow from how many they are.
        # To add each one's costs 4 % of a record's CPU time, to compare it 3 %, to see that it is the same object 2 %.
        size_now = since = bytes_before = 0
        delay_counts = empty_counts() if latency else []

        # A pointer to u64 at the address mark's offset, never read itself: indexing it with a record's address / 8
        # reads that record's mark. It makes an integer at once, where c_uint64.from_address(...).value also makes an
        # object. Records are aligned to 8 bytes.
        mark_of = ct.cast(Event.mark.offset, ct.POINTER(ct.c_uint64))
        ktime_step = (Event.ktime_ns.offset - Event.mark.offset) // ct.sizeof(ct.c_uint64)

        def other_size(size: int) -> None:
            nonlocal size_now, since, bytes_before
            bytes_before += (received - since) * size_now
            size_now, since = size, received

        def count(_ctx: int | None, address: int, size: int) -> int:
            nonlocal received, marks
            marks += mark_of[address >> 3]
            if size is not size_now and size != size_now:
                other_size(size)
            received += 1
            return verdict

        def count_and_time(_ctx: int | None, address: int, size: int) -> int:
            nonlocal received, marks
            word = address >> 3
            delay = monotonic_ns() - mark_of[word + ktime_step]
            # Also below zero, which is a clock that cannot be true either.
            if not 0 <= delay <= HIGHEST_NS:
                delay = HIGHEST_NS
            bucket = (delay | SUB_BUCKET_MASK).bit_length() - SUB_BUCKET_BITS
            delay_counts[(bucket << HALF_BITS) + (delay >> bucket)] += 1
            marks += mark_of[word]
            if size is not size_now and size != size_now:
                other_size(size)
            received += 1
            return verdict

        def count_plainly(_ctx: int | None, data: int, size: int) -> int | None:
            nonlocal received, marks
            event = ct.cast(data, ct.POINTER(Event)).contents
            marks += event.mark
            if size is not size_now and size != size_now:
                other_size(size)
            received += 1
            # Nothing is returned, as in BCC's documentation, unless the drain is to end.
            if verdict:
                return verdict

        def count_and_time_plainly(_ctx: int | None, data: int, size: int) -> int | None:
            nonlocal received, marks
            event = ct.cast(data, ct.POINTER(Event)).contents
            delay = monotonic_ns() - event.ktime_ns
            if not 0 <= delay <= HIGHEST_NS:
                delay = HIGHEST_NS
            delay_counts[slot(delay)] += 1
            marks += event.mark
            if size is not size_now and size != size_now:
                other_size(size)
            received += 1
            if verdict:
                return verdict

        def set_verdict(new: int) -> None:
            nonlocal verdict
            verdict = new

        if plain:
            self.callback = count_and_time_plainly if latency else count_plainly
        else:
            self.callback = count_and_time if latency else count
        self.delay_counts = delay_counts
        # Records so far; and with them their bytes and the sum of their marks. That is masked here: Python's integers
        # do not wrap, and to add without wrapping is cheaper per record.
        self.received = lambda: received
        self.totals = lambda: (received, bytes_before + (received - since) * size_now, marks & _U64_MASK)
        # Whether a drain has ended, or would, before all was read.
        self.ended = lambda: verdict != 0
        self.end_drain = lambda: set_verdict(_STOP_DRAIN)
        self.continue_drain = lambda: set_verdict(0)

    def open(self, bpf: BPF) -> None:
        """Have every record given to the callback."""
        bpf["events"].open_ring_buffer(self.callback)
        # Bound once: the consumer's loop may call these hundreds of thousands of times a second.
        self.poll = bpf.ring_buffer_poll
        self.consume = bpf.ring_buffer_consume
