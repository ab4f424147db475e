"""The record's layout, and what happens to each record."""

import ctypes as ct
import random
from time import monotonic_ns

import pytest
from hdrh.histogram import HdrHistogram

from bench.contract.delays import HIGHEST_NS, empty_counts, histogram, slot
from bench.mechanisms.ringbuf import Event, RingBuffer


def test_the_layout_is_that_of_bench_h() -> None:
    offsets = {name: getattr(Event, name).offset for name, *_ in Event._fields_}
    assert ct.sizeof(Event) == 48
    assert offsets == {"ktime_ns": 0, "mark": 8, "tgid": 16, "tid": 20, "cpu": 24, "type": 28, "comm": 32}


def deliver(records: RingBuffer, event: Event, size: int = 64) -> int | None:
    return records.callback(None, ct.addressof(event), size)


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("latency", [False, True])
def test_records_are_counted_and_summed_modulo_2_to_64(latency: bool, plain: bool) -> None:
    records = RingBuffer(latency=latency, plain=plain)
    for mark in (2**64 - 1, 1 << 48 | 7, 3):
        # The documented callback returns nothing, which BCC takes for 0.
        assert deliver(records, Event(mark=mark)) == (None if plain else 0)
    assert records.totals() == (3, 192, ((1 << 48) + 9))


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("latency", [False, True])
def test_bytes_are_those_of_each_record_whatever_the_sizes(latency: bool, plain: bool) -> None:
    records = RingBuffer(latency=latency, plain=plain)
    assert records.totals() == (0, 0, 0)
    total = 0
    # Large numbers are objects of their own each time, also where they are equal.
    for number, size in enumerate([64, 64, 1024, int("1024"), 48, 64, int("512"), 512, 64, 64], start=1):
        deliver(records, Event(mark=1), size)
        total += size
        assert records.totals() == (number, total, number)


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("latency", [False, True])
def test_a_record_that_ends_the_drain_is_counted(latency: bool, plain: bool) -> None:
    records = RingBuffer(latency=latency, plain=plain)
    records.end_drain()
    assert records.ended()
    assert deliver(records, Event(mark=5)) < 0
    records.continue_drain()
    assert not records.ended()
    assert not deliver(records, Event(mark=6))
    assert records.totals() == (2, 128, 11)


@pytest.mark.parametrize("plain", [False, True])
def test_delays_outside_the_histogram_are_recorded_as_the_highest(plain: bool) -> None:
    records = RingBuffer(latency=True, plain=plain)
    deliver(records, Event(ktime_ns=monotonic_ns() + 10**12))
    deliver(records, Event(ktime_ns=max(monotonic_ns() - 2 * HIGHEST_NS, 0)))
    deliver(records, Event(ktime_ns=monotonic_ns()))
    assert records.totals()[0] == sum(records.delay_counts) == 3
    assert records.delay_counts[slot(HIGHEST_NS)] == 2


def test_slots_are_those_of_the_histogram_package() -> None:
    reference = HdrHistogram(1, HIGHEST_NS, 3)
    edges = [edge for power in range(36) for edge in ((1 << power) - 1, 1 << power)]
    chosen = random.Random(1)
    values = [0, HIGHEST_NS, *edges, *(chosen.randrange(1 << chosen.randrange(1, 36)) for _ in range(2000))]
    values = [value for value in values if value <= HIGHEST_NS]
    counts = empty_counts()
    for value in values:
        counts[slot(value)] += 1
        reference.record_value(value)
    ours = histogram(counts).encode()
    assert ours == reference.encode()
    assert HdrHistogram.decode(ours).get_total_count() == len(values)
