"""The consumer's loop against a ring and a clock that do what the test says."""

from collections.abc import Callable
from ctypes import addressof

import pytest

from bench import loop
from bench.mechanisms.ringbuf import Event, RingBuffer

MS = 1_000_000


class Machine:
    """A clock, an alarm, a ring that gets a record at each of the given times, and whether it wakes the consumer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, arrivals_ms: list[int], *, wakes: bool) -> None:
        self.now = 0
        self.requested = False
        self.source = RingBuffer(latency=False)
        self.alarms_ms: list[int] = []
        self.looks_ms: list[int] = []
        self.ticks_ms: list[int] = []
        self._arrivals = [arrival * MS for arrival in arrivals_ms]
        self._wakes = wakes
        self._sleeps = 0
        self._alarm: int | None = None
        self._handler: Callable = lambda *_: None
        monkeypatch.setattr(loop, "monotonic_ns", lambda: self.now)
        monkeypatch.setattr(loop, "_switches", lambda: self._sleeps)
        monkeypatch.setattr(loop.time, "sleep", lambda seconds: self._sleep_until(self.now + round(seconds * 1e9)))
        monkeypatch.setattr(loop.signal, "signal", self._set_handler)
        monkeypatch.setattr(loop.signal, "setitimer", self._set_alarm)

    def run(self, duration_ms: int, interval_ms: int = 0) -> tuple[int, int]:
        """Consume for that long."""

        def on_tick(now: int, _wakeups: int) -> None:
            self.ticks_ms.append(now // MS)

        self.source.poll, self.source.consume = self.poll, self.consume
        return loop.consume(self.source, self, duration_ms * MS, interval_ms * MS, on_tick)

    def poll(self, timeout_ms: int) -> None:
        """As BCC's: wait for a wakeup, at most until the time-out or a signal, then read."""
        assert timeout_ms >= 0
        ends = [self.now + timeout_ms * MS]
        if self._alarm is not None:
            ends.append(self._alarm)
        woken = [arrival for arrival in self._arrivals if self._wakes and arrival <= min(ends)]
        self._sleep_until(max(min(woken), self.now) if woken else min(ends))
        if woken:
            self._read()

    def consume(self) -> None:
        """As BCC's: read what is there."""
        self.looks_ms.append(self.now // MS)
        self._read()

    def look_at_stdin(self) -> None:
        """It does not end."""

    def _set_handler(self, _number: int, handler: Callable) -> None:
        self._handler = handler

    def _set_alarm(self, _which: int, seconds: float) -> None:
        self._alarm = self.now + round(seconds * 1e9) if seconds else None
        if seconds:
            self.alarms_ms.append(self._alarm // MS)

    def _sleep_until(self, end: int) -> None:
        if end > self.now:
            self._sleeps += 1
        self.now = end
        if self._alarm is not None and self._alarm <= end:
            self._alarm = None
            self._handler(0, None)

    def _read(self) -> None:
        event = Event(mark=1)
        while self._arrivals and self._arrivals[0] <= self.now:
            self._arrivals.pop(0)
            if self.source.callback(None, addressof(event), 64) < 0:
                return


def test_a_tick_that_is_close_does_not_end_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    # Woken at 60 ms, the consumer sleeps again and is woken at 130 ms: nothing happens to it at 100 ms.
    machine = Machine(monkeypatch, [60, 130], wakes=True)
    _, wakeups = machine.run(300)
    assert machine.alarms_ms == [100, 200, 300]
    assert machine.ticks_ms == [130, 200]
    assert wakeups == 2
    assert machine.source.received() == 2


def test_a_wait_that_nothing_ends_ends_with_the_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, [], wakes=True)
    assert machine.run(450) == (450 * MS, 0)
    assert machine.ticks_ms == [100, 200, 300, 400]
    assert machine.now == 450 * MS


def test_what_nobody_was_woken_for_is_found_after_a_tick_and_is_no_wakeup(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, [20, 30], wakes=False)
    assert machine.run(150)[1] == 0
    assert machine.looks_ms == [100]
    assert machine.source.received() == 2


def test_a_record_that_is_there_at_once_is_no_wakeup(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, [0], wakes=True)
    assert machine.run(50)[1] == 0
    assert machine.source.received() == 1


def test_a_timer_looks_at_its_own_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, [1, 42], wakes=True)
    assert machine.run(130, interval_ms=30)[1] == 0
    assert machine.looks_ms == [0, 30, 60, 90, 120]
    assert machine.ticks_ms == [120]
    assert machine.source.received() == 2


def test_a_tick_is_no_look_of_a_long_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, [5], wakes=True)
    machine.run(1000, interval_ms=400)
    assert machine.looks_ms == [0, 400, 800]
    assert machine.ticks_ms == [100, 200, 300, 400, 500, 600, 700, 800, 900]
