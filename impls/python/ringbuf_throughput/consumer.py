"""The consumer's loop: drain on wakeups, report on a schedule, stop in time."""

import signal
from collections.abc import Callable
from time import monotonic_ns
from typing import NamedTuple

from .program import Counters, Program
from .records import Records
from .stop import Stop

TICK_NS = 100_000_000
# How long to go on looking for records that the counters promise. They can only be late by a running program's time.
_STRAGGLERS_NS = 1_000_000_000


class Consumed(NamedTuple):
    """How the consumer's loop ended."""

    elapsed_ns: int
    wakeups: int


def consume(
    program: Program,
    records: Records,
    stop: Stop,
    duration_ns: int,
    on_tick: Callable[[int, int], None],
) -> Consumed:
    """Consume until the duration is over or a stop is requested; call `on_tick(now_ns, wakeups)` every 100 ms.

    `ring_buffer_poll` and `ring_buffer_consume` return only when the ring is empty, which a saturating producer never
    lets happen. So an alarm is set to the moment when something is due, and its handler ends the drain. What the alarm
    did is undone only when that moment has come, so an alarm is never missed, however early in the loop it comes.
    """
    signal.signal(signal.SIGALRM, lambda _number, _frame: records.end_drain())
    stop.when_requested(records.end_drain)
    wakeups = 0
    started = monotonic_ns()
    deadline = started + duration_ns
    tick = started + TICK_NS
    due = min(tick, deadline)
    _set_alarm(due - started)
    while not stop.requested:
        now = monotonic_ns()
        if now < due:
            before = records.received()
            program.poll(-(-(due - now) // 1_000_000))
            if records.received() != before:
                wakeups += 1
            continue
        if now >= deadline:
            break
        on_tick(now, wakeups)
        stop.look_at_stdin()
        # From the schedule, not from now, so that delays do not add up; what is already over is left out.
        now = monotonic_ns()
        tick += (max(now - tick, 0) // TICK_NS + 1) * TICK_NS
        due = min(tick, deadline)
        records.continue_drain()
        _set_alarm(due - now)
        # Go on with the drain that the alarm ended; also finds what the producer did not wake the consumer for.
        program.consume()
    elapsed_ns = monotonic_ns() - started
    signal.setitimer(signal.ITIMER_REAL, 0)
    return Consumed(elapsed_ns, wakeups)


def drain(program: Program, records: Records) -> Counters:
    """After detaching: consume what is left in the ring and return the program's final counters."""
    records.continue_drain()
    give_up = monotonic_ns() + _STRAGGLERS_NS
    while True:
        # The counters first: what they promise is in the ring, or about to be.
        counters = program.counters()
        _drain_once(program, records)
        if counters == program.counters() and records.received() >= counters.submitted:
            return counters
        if monotonic_ns() > give_up:
            return program.counters()


def _drain_once(program: Program, records: Records) -> None:
    while True:
        before = records.received()
        program.consume()
        if records.received() == before:
            return


def _set_alarm(delay_ns: int) -> None:
    # A delay of nothing would switch the alarm off.
    signal.setitimer(signal.ITIMER_REAL, max(delay_ns, 1000) / 1e9)
