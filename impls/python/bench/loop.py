"""The consumer's loop: drain on wakeups or on a timer, report on a schedule, stop in time."""

import signal
import time
from collections.abc import Callable
from resource import RUSAGE_THREAD, getrusage
from time import monotonic_ns

from .contract.stop import Stop
from .mechanisms.ringbuf import RingBuffer

TICK_NS = 100_000_000
# How long to go on looking for records that the counters promise. They can only be late by a running program's time.
_STRAGGLERS_NS = 1_000_000_000


def consume(
    source: RingBuffer, stop: Stop, duration_ns: int, interval_ns: int, on_tick: Callable[[int, int], None]
) -> tuple[int, int]:
    """Consume until the duration is over or a stop is requested; call `on_tick(now_ns, wakeups)` every 100 ms.

    With an interval the producer wakes nobody: the consumer sleeps so long when it has found nothing left. Returns
    how long it took, in nanoseconds, and the wakeups.
    """
    due = 0

    def on_alarm(_number: int, _frame: object) -> None:
        # Not one that was for an earlier time than the one that is set.
        if monotonic_ns() >= due:
            source.end_drain()

    # BCC's poll and consume return only when there is nothing left, which a saturating producer never lets happen. So
    # when something is due, or a stop is requested, the callback ends the drain.
    signal.signal(signal.SIGALRM, on_alarm)
    stop.when_requested = source.end_drain
    wakeups = 0
    now = started = monotonic_ns()
    deadline = started + duration_ns
    tick = started + TICK_NS
    # When to look without having been woken: with an interval, always; without, after the alarm.
    look: int | None = started if interval_ns else None
    switches = _switches()
    while not stop.requested and now < deadline:
        if now >= tick:
            on_tick(now, wakeups)
            stop.look_at_stdin()
            # From the schedule, not from now, so that delays do not add up; what is already over is left out.
            now = monotonic_ns()
            tick += (max(now - tick, 0) // TICK_NS + 1) * TICK_NS
            # A tick may have slept too, to write.
            switches = _switches()
        if due < deadline and due < now + TICK_NS // 2:
            # A wait ends with a tick, but not with one that is close: in the middle of a burst it would wake a consumer
            # that then chases the producer record by record. Such a tick comes late, with the wakeup at its end.
            if not interval_ns and due and due <= now:
                # Also finds what the producer did not wake the consumer for.
                look = now
            due = min(tick if tick >= now + TICK_NS // 2 else tick + TICK_NS, deadline)
            # First, so that the alarm cannot come before. It does not come early either, because `setitimer` rounds up.
            # A delay of nothing would switch it off.
            source.continue_drain()
            signal.setitimer(signal.ITIMER_REAL, max(due - now, 1000) / 1e9)
        if look is None:
            received, switched = source.received(), switches
            # Never negative, which would be without end.
            source.poll(max(-(-(due - now) // 1_000_000), 0))
            switches = _switches()
            # It slept, and there was data: a wait that finds its data at once does not count.
            if switches != switched and source.received() != received:
                wakeups += 1
            now = monotonic_ns()
        elif now < look:
            # A tick that would come too late ends the sleep, but is no look.
            until = tick if look > tick + TICK_NS // 2 else look
            time.sleep(max(min(until, deadline) - now, 0) / 1e9)
            now = monotonic_ns()
        else:
            source.consume()
            now = monotonic_ns()
            if not interval_ns:
                look = None
                switches = _switches()
            elif not source.ended():
                look = now + interval_ns
    elapsed_ns = monotonic_ns() - started
    signal.setitimer(signal.ITIMER_REAL, 0)
    return elapsed_ns, wakeups


def drain(source: RingBuffer, counters: Callable[[], dict[str, int]]) -> dict[str, int]:
    """After detaching: consume what is left and return the program's final counters."""
    source.continue_drain()
    give_up = monotonic_ns() + _STRAGGLERS_NS
    while True:
        # The counters first: what they promise is there, or about to be.
        promised = counters()
        received = -1
        while received != source.received():
            received = source.received()
            source.consume()
        last = counters()
        if monotonic_ns() > give_up or (last == promised and received >= last["submitted"]):
            return last


def _switches() -> int:
    """How often this thread switched to another of its own accord: it did if it slept."""
    return getrusage(RUSAGE_THREAD).ru_nvcsw
