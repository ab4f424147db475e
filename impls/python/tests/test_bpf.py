"""The runner on the real kernel: what `orchestrator verify` does not ask of every runner."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from conftest import NOBODY, Runner, needs_root, run_to_end, trigger, trigger_with
from hdrh.histogram import HdrHistogram

pytestmark = needs_root

Start = Callable[..., Runner]


@pytest.mark.parametrize("program_type", ["tracepoint", "raw_tracepoint"])
@pytest.mark.parametrize("record_size", [48, 1024])
def test_the_longest_work_passes_the_verifier_at_the_largest_batch(
    start: Start, program_type: str, record_size: int
) -> None:
    knobs = ("--batch", "1000", "--work", "10000", "--wakeup", "sampled:1", "--record-size", str(record_size))
    runner = start("--program-type", program_type, *knobs)
    cookies = trigger(2)
    summary = runner.stop()
    assert (summary["received"], summary["bytes"]) == (2000, 2000 * record_size)
    assert summary["marks"] == 1000 * cookies + 2 * 1000 * 999 // 2


@pytest.mark.parametrize("program_type", ["tracepoint", "raw_tracepoint"])
def test_records_are_made_of_what_is_kept_with_everything_beside(start: Start, program_type: str) -> None:
    beside = ("--keep-one-in", "7", "--lookups", "100", "--batch", "1000", "--work", "10000", "--wakeup", "sampled:1")
    runner = start("--program-type", program_type, *beside)
    assert len(runner.ready["map_ids"]) == 3, "the ring, the counters and the table"
    # Multiples of 7 without a sign, not with one.
    cookies = [*range(23), 4294967289, 4294967292]
    for cookie in cookies:
        trigger_with(cookie)
    kept = [cookie for cookie in cookies if cookie % 7 == 0]
    summary = runner.stop()
    assert summary["received"] == 1000 * len(kept)
    assert summary["marks"] == 1000 * sum(kept) + len(kept) * 1000 * 999 // 2


@pytest.mark.parametrize("wakeup", ["adaptive", "sampled:700", "timer:1ms"])
def test_a_ring_of_each_cpu_is_read(start: Start, wakeup: str) -> None:
    runner = start("--rings", "cpu", "--wakeup", wakeup, "--batch", "10", "--latency")
    cookies = trigger(23)
    summary = runner.stop()
    assert (summary["received"], summary["marks"]) == (230, 10 * cookies + 23 * 10 * 9 // 2)
    rings = summary["rings"]
    assert sum(ring["received"] for ring in rings) == 230
    assert [ring["cpu"] for ring in rings] == sorted(ring["cpu"] for ring in rings)
    counts = sum(HdrHistogram.decode(ring["latency"]).get_total_count() for ring in rings)
    assert counts == HdrHistogram.decode(summary["latency"]).get_total_count() == 230


@pytest.mark.skipif(os.cpu_count() == 1, reason="needs two CPUs")
def test_a_thread_for_each_ring_is_unsupported() -> None:
    result = run_to_end("--output", "jsonl", "--rings", "cpu", "--consumers", "ring", *NOBODY)
    assert (result.returncode, json.loads(result.stdout.splitlines()[-1])["kind"]) == (69, "unsupported")


@pytest.mark.parametrize(("wakeup", "interval_ms"), [("timer:1ms", 1), ("none", 10), ("timer:300ms", 300)])
def test_a_timer_looks_as_often_as_it_is_told_to(start: Start, wakeup: str, interval_ms: int) -> None:
    runner = start("--latency", "--wakeup", wakeup)
    for _ in range(200):
        time.sleep(0.01 * os.urandom(1)[0] / 255)
        trigger(1)
    while runner.message("counters")["received"] < 200:
        pass
    summary = runner.stop()
    assert summary["wakeups"] == 0
    # Half of the interval in the middle. A busy machine makes it longer and never shorter; a wakeup by the ring would
    # be far below.
    median_ms = HdrHistogram.decode(summary["latency"]).get_value_at_percentile(50) / 1e6
    assert interval_ms / 4 < median_ms < interval_ms + 10


@pytest.mark.parametrize("wakeup", ["adaptive", "timer:100us", "timer:60ms", "timer:1s"])
def test_ticks_come_with_every_policy(wakeup: str) -> None:
    result = run_to_end("--output", "jsonl", "-d", "1.05", "--wakeup", wakeup, *NOBODY)
    types = [json.loads(line)["type"] for line in result.stdout.splitlines()]
    assert (types[0], types[1], types[-1]) == ("hello", "ready", "summary")
    assert 5 <= types.count("counters") <= 10


@pytest.mark.parametrize("target", ["syscalls/sys_exit_openat2", "sched/sched_switch"])
def test_a_tracepoint_without_an_argument_counts_without_cookies(start: Start, target: str) -> None:
    runner = start("--attach-target", target)
    trigger(23)
    time.sleep(0.01)
    summary = runner.stop()
    assert summary["received"] >= 23 if target.startswith("syscalls") else summary["received"] > 0
    assert summary["marks"] == 0


@contextmanager
def saturated() -> Iterator[None]:
    """Trigger without end while the block runs."""
    over = threading.Event()

    def saturate() -> None:
        while not over.is_set():
            trigger(100)

    load = threading.Thread(target=saturate)
    load.start()
    try:
        yield
    finally:
        over.set()
        load.join()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("arguments", [(), ("--latency",), ("--wakeup", "timer:1ms")])
def test_a_signal_stops_a_saturated_drain(start: Start, number: signal.Signals, arguments: tuple[str, ...]) -> None:
    runner = start("--batch", "100", *arguments)
    with saturated():
        while runner.message("counters")["received"] < 100_000:
            pass
        runner.stop(number)


def test_the_report_says_when_nothing_happened() -> None:
    result = run_to_end("-d", "0.2", *NOBODY)
    assert (result.returncode, result.stderr) == (0, "")
    assert "accounting   balanced" in result.stdout
    assert "hint: nothing triggered the program" in result.stdout


def test_the_reports_rates_are_of_what_was_read_until_the_stop() -> None:
    # Nearly all is in the ring when the runner decides to stop, and read after that: it counts, and is in no rate.
    with saturated():
        result = run_to_end("-d", "0.5", "--wakeup", "timer:1s", "--target-pid", str(os.getpid()))
    figures = {words[0]: words[1].replace(",", "") for words in map(str.split, result.stdout.splitlines()) if words[1:]}
    assert int(figures["events"]) >= 1000
    assert int(figures["throughput"]) * 0.5 < int(figures["events"]) / 2
