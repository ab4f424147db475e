"""The command line."""

import json
import os
import re
import subprocess
import sys

import pytest
from conftest import PYTHON_FOLDER, TESTDATA, run_to_end

from ringbuf_throughput.args import Options, Wakeup, parse, wants_jsonl
from ringbuf_throughput.errors import USAGE_HINT, UsageError

USAGE_CASES = json.loads((TESTDATA / "usage.json").read_text())


def options(*arguments: str) -> Options:
    return parse(list(arguments))


@pytest.mark.parametrize("case", USAGE_CASES, ids=lambda case: " ".join(case["args"]))
def test_bad_command_lines_are_refused_by_name(case: dict) -> None:
    result = run_to_end(*case["args"])
    assert result.returncode == 64
    message, hint = result.stderr.removesuffix("\n").split("\n\n")
    assert re.search(rf"{case.get('flag', '')}\b", message)
    assert case.get("value", "") in message
    assert hint == f"hint: {USAGE_HINT}"
    assert result.stdout == ""


def test_a_cpu_outside_of_what_the_process_may_use_is_refused() -> None:
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        pytest.skip("needs two CPUs")
    command = ["taskset", "-c", str(usable[0]), sys.executable, "-m", "ringbuf_throughput", "--cpu", str(usable[1])]
    result = subprocess.run(command, cwd=PYTHON_FOLDER, capture_output=True, text=True)
    assert result.returncode == 64
    assert result.stderr.startswith(f"error: argument --cpu: invalid value `{usable[1]}`: this process may not")


def test_help_names_every_flag() -> None:
    result = run_to_end("--help")
    assert (result.returncode, result.stderr) == (0, "")
    for flag in (*Options._fields, "version", "help"):
        assert f"--{flag.removesuffix('_ns').replace('_', '-')} " in result.stdout.replace("\n", " ")


def test_a_usage_error_reaches_the_supervisor_after_hello() -> None:
    result = run_to_end("--output", "jsonl", "--batch", "0")
    hello, error = (json.loads(line) for line in result.stdout.splitlines())
    assert result.returncode == 64
    assert hello["type"] == "hello"
    assert (error["type"], error["kind"], error["hint"]) == ("error", "usage", USAGE_HINT)


def test_defaults_are_the_documented_ones() -> None:
    assert options() == Options(
        duration_ns=10_000_000_000,
        verbose=False,
        output="text",
        program_type="tracepoint",
        attach_target="syscalls/sys_enter_openat2",
        target_pid=0,
        ring_size=16777216,
        record_size=64,
        batch=1,
        wakeup=Wakeup("adaptive"),
        work=0,
        latency=True,
        cpu=None,
    )


@pytest.mark.parametrize("spelling", [["-d", "0.5"], ["-d0.5"], ["--duration", "0.5"], ["--duration=0.5"]])
def test_a_value_may_be_spelled_in_each_way(spelling: list[str]) -> None:
    assert options(*spelling).duration_ns == 500_000_000


def test_the_last_of_a_repeated_flag_counts() -> None:
    assert options("--batch", "10", "--batch=20").batch == 20


def test_durations_are_exact_to_the_nanosecond() -> None:
    assert options("-d", "1.0000000019").duration_ns == 1_000_000_001
    assert options("-d", "0.0000000001").duration_ns == 1
    assert options("-d", "1000000").duration_ns == 10**15
    with pytest.raises(UsageError):
        options("-d", "1000000.000000001")


@pytest.mark.parametrize(
    ("text", "wakeup"),
    [
        ("adaptive", Wakeup("adaptive")),
        ("sampled:4096", Wakeup("sampled", threshold_bytes=4096)),
        ("none", Wakeup("timer", interval_ns=10_000_000)),
        ("timer:100us", Wakeup("timer", interval_ns=100_000)),
        ("timer:7ms", Wakeup("timer", interval_ns=7_000_000)),
        ("timer:1s", Wakeup("timer", interval_ns=1_000_000_000)),
    ],
)
def test_a_wakeup_policy_carries_its_parameter(text: str, wakeup: Wakeup) -> None:
    assert options("--wakeup", text).wakeup == wakeup


def test_delays_are_recorded_only_on_request_for_a_supervisor() -> None:
    assert not options("--output", "jsonl").latency
    assert options("--output", "jsonl", "--latency").latency


def test_the_attach_target_is_checked_against_the_program_type_wherever_it_stands() -> None:
    parsed = options("--attach-target", "do_sys_openat2", "--program-type", "kprobe")
    assert parsed.attach_target == "do_sys_openat2"
    assert options("--program-type", "fentry").attach_target.endswith("sys_openat2")


def test_the_wish_for_jsonl_is_seen_in_a_bad_command_line() -> None:
    assert wants_jsonl(["--foo", "--output", "jsonl"])
    assert wants_jsonl(["--output=jsonl", "--foo"])
    assert not wants_jsonl(["--output", "text", "jsonl"])
    assert not wants_jsonl(["--output=jsonl", "--output", "text", "--foo"])
