"""The runner on the real kernel."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Runner, Trigger, needs_root, run_to_end
from hdrh.histogram import HdrHistogram

pytestmark = needs_root

StartRunner = Callable[..., Runner]

RING_4096_CAPACITY = 4095 // (64 + 8)
# Far longer than a test: it is the test that stops the runner.
LONG = ("--duration", "60")


def only(trigger: Trigger) -> tuple[str, str]:
    return ("--target-pid", str(trigger.pid))


def assert_balanced(summary: dict) -> None:
    assert summary["attempted"] == summary["submitted"] + summary["dropped"]
    assert summary["submitted"] == summary["received"]
    assert bool(summary["dropped_marks"]) <= bool(summary["dropped"])


def assert_marks(summary: dict, cookies: int, triggers: int, batch: int = 1) -> None:
    """The load, the kernel and the consumer agree, each of which has summed by itself."""
    expected = batch * cookies + triggers * batch * (batch - 1) // 2
    assert (summary["marks"] + summary["dropped_marks"] - expected) % 2**64 == 0


@pytest.mark.parametrize("program_type", ["tracepoint", "raw_tracepoint"])
@pytest.mark.parametrize("wakeup", ["adaptive", "sampled:144", "none", "timer:500us"])
def test_23_triggers_are_23_events(trigger: Trigger, start_runner: StartRunner, program_type: str, wakeup: str) -> None:
    runner = start_runner(*LONG, *only(trigger), "--program-type", program_type, "--wakeup", wakeup, "--latency")
    ready = runner.message("ready")
    assert ready["program_type"] == program_type
    assert (ready["program_ids"], ready["map_ids"]) == objects_of(runner.process.pid)
    assert len(ready["map_ids"]) == 2
    trigger.start(23)
    cookies = trigger.wait()
    runner.counters_with(23)
    summary = runner.stop()
    assert_balanced(summary)
    assert_marks(summary, cookies, 23)
    if wakeup in ("none", "timer:500us"):
        assert summary["wakeups"] == 0
    assert (summary["attempted"], summary["received"], summary["dropped"]) == (23, 23, 0)
    assert summary["bytes"] == 23 * 64
    assert HdrHistogram.decode(summary["latency"]).get_total_count() == 23


def objects_of(pid: int) -> tuple[list[int], list[int]]:
    """The ids of the BPF programs and maps that a process holds, as the kernel tells them."""
    found: dict[str, set[int]] = {"prog_id": set(), "map_id": set()}
    for info in Path(f"/proc/{pid}/fdinfo").iterdir():
        for line in info.read_text().splitlines():
            name, _, value = line.partition(":")
            if name in found:
                found[name].add(int(value))
    return sorted(found["prog_id"]), sorted(found["map_id"])


def test_the_sampled_wakeup_comes_with_the_record_that_reaches_the_threshold(
    trigger: Trigger, start_runner: StartRunner
) -> None:
    # A batch of 23 records is a backlog of 23 * 72 bytes: one wakeup each, unless the consumer is awake already.
    runner = start_runner(*LONG, *only(trigger), "--batch", "23", "--wakeup", f"sampled:{23 * 72}")
    runner.message("ready")
    runner.wait_until_asleep()
    trigger.start(3)
    trigger.wait()
    assert 1 <= runner.counters_with(3 * 23)["wakeups"] <= 3
    assert_balanced(runner.stop())


def test_a_sampled_wakeup_does_not_come_below_the_threshold(trigger: Trigger, start_runner: StartRunner) -> None:
    runner = start_runner(*LONG, *only(trigger), "--batch", "23", "--wakeup", f"sampled:{23 * 72 + 1}")
    runner.message("ready")
    trigger.start(1)
    trigger.wait()
    # A look after a tick may find them, and so does stopping; neither is a wakeup.
    summary = runner.stop()
    assert_balanced(summary)
    assert (summary["received"], summary["wakeups"]) == (23, 0)


@pytest.mark.parametrize("program_type", ["tracepoint", "raw_tracepoint"])
@pytest.mark.parametrize("batch", [1, 10, 1000])
def test_what_does_not_fit_into_the_ring_is_counted_as_dropped(
    trigger: Trigger, start_runner: StartRunner, program_type: str, batch: int
) -> None:
    triggers = 10 * RING_4096_CAPACITY // batch + 3
    runner = start_runner(
        *LONG, *only(trigger), "--ring-size", "4096", "--batch", str(batch), "--program-type", program_type
    )
    runner.message("ready")
    runner.process.send_signal(signal.SIGSTOP)
    trigger.start(triggers)
    cookies = trigger.wait()
    runner.process.send_signal(signal.SIGCONT)
    summary = runner.stop()
    assert_balanced(summary)
    assert_marks(summary, cookies, triggers, batch)
    assert summary["attempted"] == triggers * batch
    assert summary["received"] == RING_4096_CAPACITY
    assert summary["dropped"] == triggers * batch - RING_4096_CAPACITY


@pytest.mark.parametrize("batch", [1, 10, 100, 1000])
@pytest.mark.parametrize("record_size", [48, 64, 128, 256, 512, 1024])
def test_each_batch_and_record_size_passes_the_verifier(
    trigger: Trigger, start_runner: StartRunner, batch: int, record_size: int
) -> None:
    runner = start_runner(
        *LONG, *only(trigger), "--batch", str(batch), "--record-size", str(record_size), "--work", "3"
    )
    runner.message("ready")
    trigger.start(2)
    cookies = trigger.wait()
    summary = runner.stop()
    assert_balanced(summary)
    assert_marks(summary, cookies, 2, batch)
    assert summary["received"] == 2 * batch
    assert summary["bytes"] == 2 * batch * record_size


def test_the_longest_work_and_a_sampled_wakeup_pass_the_verifier_at_the_largest_batch(
    trigger: Trigger, start_runner: StartRunner
) -> None:
    runner = start_runner(
        *LONG, *only(trigger), "--batch", "1000", "--work", "10000", "--wakeup", "sampled:1", "--ring-size", "4096"
    )
    runner.message("ready")
    trigger.start(1)
    trigger.wait()
    summary = runner.stop()
    assert_balanced(summary)
    assert summary["attempted"] == 1000


@pytest.mark.parametrize(
    ("wakeup", "interval_ms"), [("timer:1ms", 1), ("timer:10ms", 10), ("none", 10), ("timer:300ms", 300)]
)
def test_a_timer_looks_as_often_as_it_is_told_to(
    trigger: Trigger, start_runner: StartRunner, wakeup: str, interval_ms: int
) -> None:
    runner = start_runner(*LONG, *only(trigger), "--latency", "--wakeup", wakeup)
    runner.message("ready")
    trigger.start(200, 0.01)
    cookies = trigger.wait()
    runner.counters_with(200)
    summary = runner.stop()
    assert_marks(summary, cookies, 200)
    assert summary["wakeups"] == 0
    # Half of the interval in the middle. A busy machine makes it longer and never shorter; a wakeup by the ring would
    # be far below.
    median_ms = HdrHistogram.decode(summary["latency"]).get_value_at_percentile(50) / 1e6
    assert interval_ms / 4 < median_ms < interval_ms + 10


def test_adaptive_wakes_once_an_event_at_most(trigger: Trigger, start_runner: StartRunner) -> None:
    runner = start_runner(*LONG, *only(trigger), "--latency")
    runner.message("ready")
    trigger.start(50, 0.01)
    trigger.wait()
    runner.counters_with(50)
    # A tick may find one, and a busy machine reads several at once.
    assert 10 <= runner.stop()["wakeups"] <= 50


@pytest.mark.parametrize("wakeup", ["adaptive", "timer:100us", "timer:60ms", "timer:1s"])
def test_ticks_come_with_every_policy(start_runner: StartRunner, wakeup: str) -> None:
    runner = start_runner("--duration", "1.05", "--target-pid", "4194304", "--wakeup", wakeup)
    runner.message("ready")
    ticks = []
    summary = runner.summary(on_counters=ticks.append)
    assert 5 <= len(ticks) <= 10
    assert 1_050_000_000 <= summary["elapsed_ns"] < 2_050_000_000


@pytest.mark.parametrize(
    "target", ["syscalls/sys_exit_openat2", "syscalls/sys_enter_getppid", "raw_syscalls/sys_enter"]
)
def test_other_tracepoints_count(trigger: Trigger, start_runner: StartRunner, target: str) -> None:
    runner = start_runner(*LONG, *only(trigger), "--attach-target", target)
    runner.message("ready")
    trigger.start(23)
    cookies = trigger.wait()
    summary = runner.stop()
    assert_balanced(summary)
    if target == "syscalls/sys_exit_openat2":
        # It has no argument at all, so no cookie.
        assert (summary["received"], summary["marks"]) == (23, 0)
    elif target == "raw_syscalls/sys_enter":
        # What else the interpreter calls counts too.
        assert summary["received"] >= 23
        assert summary["marks"] >= cookies


def test_it_stops_at_the_end_of_standard_input(start_runner: StartRunner) -> None:
    runner = start_runner(*LONG)
    runner.message("ready")
    runner.process.stdin.write("ignored\n")
    runner.process.stdin.close()
    assert runner.summary()["elapsed_ns"] < 5_000_000_000


@pytest.mark.parametrize("latency", [(), ("--latency",)], ids=["plain", "latency"])
@pytest.mark.parametrize("wakeup", ["adaptive", "timer:1ms"])
def test_it_stops_in_time_and_reports_while_the_producer_saturates(
    trigger: Trigger, start_runner: StartRunner, latency: tuple[str, ...], wakeup: str
) -> None:
    runner = start_runner("--duration", "1.05", *only(trigger), "--batch", "100", "--wakeup", wakeup, *latency)
    runner.message("ready")
    trigger.start(0)
    ticks = []
    summary = runner.summary(on_counters=ticks.append)
    # Generous, because the machine may be busy; a drain that cannot be stopped would go on without end.
    assert 1_050_000_000 <= summary["elapsed_ns"] < 2_050_000_000
    # On the schedule ticks are 100 ms apart; one that comes too late leaves out those that it missed.
    assert 3 <= len(ticks) <= 10
    assert ticks[0]["received"] < ticks[-1]["received"]
    assert_balanced(summary)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_saturated_drain(trigger: Trigger, start_runner: StartRunner, number: signal.Signals) -> None:
    runner = start_runner(*LONG, *only(trigger), "--batch", "100")
    runner.message("ready")
    trigger.start(0)
    runner.counters_with(100_000)
    runner.process.send_signal(number)
    assert_balanced(runner.summary())


def test_the_reports_rates_are_of_what_was_read_until_the_stop(trigger: Trigger) -> None:
    # Nearly all is in the ring when the runner decides to stop, and read after that: it counts, and is in no rate.
    trigger.start(0)
    result = run_to_end("-d", "0.5", "--wakeup", "timer:1s", *only(trigger))
    assert (result.returncode, result.stderr) == (0, "")
    lines = [line.split() for line in result.stdout.splitlines()]
    first_number = {words[0]: words[1].replace(",", "") for words in lines if len(words) > 1}
    received = int(first_number["events"])
    assert received >= 1000
    assert int(first_number["throughput"]) * 0.5 < received / 2


def test_the_report_for_a_person_says_when_nothing_happened() -> None:
    # Process 4194304 cannot exist: pids end before it.
    result = run_to_end("-d", "0.2", "--target-pid", "4194304")
    assert result.returncode == 0
    assert "accounting   balanced" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("program_type", ["kprobe", "fentry"])
@pytest.mark.parametrize(("target", "batch"), [("", 1), ("", 1000), ("do_sys_openat2", 10)])
def test_what_the_kernel_cannot_attach_is_unsupported_and_otherwise_counts(
    trigger: Trigger, start_runner: StartRunner, program_type: str, target: str, batch: int
) -> None:
    arguments = ["--program-type", program_type, "--batch", str(batch)]
    if target:
        # Not the entry of a system call: the cookie is the function's own first argument.
        arguments += ["--attach-target", target]
    probe = run_to_end("-d", "0.1", *arguments)
    if probe.returncode == 69:
        assert probe.stdout == ""
        assert "Traceback" not in probe.stderr
        if program_type == "kprobe":
            assert probe.stderr.startswith("error: this kernel has no kprobes (CONFIG_KPROBES is off)\n\nhint: use ")
        else:
            assert probe.stderr.startswith("error: this kernel cannot attach fentry to `")
        return
    runner = start_runner(*LONG, *only(trigger), *arguments)
    runner.message("ready")
    trigger.start(23, path="/dev/null" if target else "")
    cookies = trigger.wait()
    summary = runner.stop()
    assert_balanced(summary)
    assert_marks(summary, cookies, 23, batch)
    assert summary["received"] == 23 * batch


def test_an_unknown_tracepoint_is_unsupported() -> None:
    result = run_to_end("--attach-target", "syscalls/foo")
    assert result.returncode == 69
    assert result.stderr == (
        "error: this kernel has no tracepoint `syscalls/foo`\n\nhint: list them with `ls /sys/kernel/tracing/events`\n"
    )
