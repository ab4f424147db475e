"""The command line. What is refused is for `orchestrator verify` to ask."""

from argparse import Namespace

import pytest

from bench.contract.flags import Wakeup, parse
from bench.contract.messages import RunnerError


def flags(*arguments: str) -> Namespace:
    found = Namespace()
    parse(list(arguments), found)
    return found


def test_defaults_are_the_documented_ones() -> None:
    assert vars(flags()) == {
        "duration_ns": 10_000_000_000,
        "verbose": False,
        "output": "text",
        "program_type": "tracepoint",
        "attach_target": "syscalls/sys_enter_openat2",
        "target_pid": 0,
        "ring_size": 16777216,
        "record_size": 64,
        "batch": 1,
        "wakeup": Wakeup("adaptive"),
        "work": 0,
        "keep_one_in": 1,
        "lookups": 0,
        "rings": "one",
        "consumers": "one",
        "latency": True,
        "cpu": None,
        "version": False,
        "help": False,
    }


@pytest.mark.parametrize("spelling", [["-d", "0.5"], ["--duration", "0.5"], ["--duration=0.5"], ["-d", "9", "-d0.5"]])
def test_a_value_may_be_spelled_in_each_way_and_the_last_counts(spelling: list[str]) -> None:
    assert flags(*spelling).duration_ns == 500_000_000


def test_durations_are_exact_to_the_nanosecond() -> None:
    assert flags("-d", "1.0000000014").duration_ns == 1_000_000_001
    assert flags("-d", "0.0000000001").duration_ns == 1
    assert flags("-d", "1000000").duration_ns == 10**15
    with pytest.raises(RunnerError, match=r"1000000\.000000001"):
        flags("-d", "1000000.000000001")


@pytest.mark.parametrize(
    ("text", "wakeup"),
    [
        ("adaptive", Wakeup("adaptive")),
        ("sampled:4096", Wakeup("sampled", threshold_bytes=4096)),
        ("none", Wakeup("timer", interval_ns=10_000_000)),
        ("timer:100us", Wakeup("timer", interval_ns=100_000)),
        ("timer:1s", Wakeup("timer", interval_ns=1_000_000_000)),
    ],
)
def test_a_wakeup_policy_carries_its_parameter(text: str, wakeup: Wakeup) -> None:
    assert flags("--wakeup", text).wakeup == wakeup


def test_delays_are_recorded_only_on_request_for_a_supervisor() -> None:
    assert not flags("--output", "jsonl").latency
    assert flags("--output", "jsonl", "--latency").latency


def test_the_attach_target_is_checked_against_the_program_type_wherever_it_stands() -> None:
    assert flags("--attach-target", "do_sys_openat2", "--program-type", "kprobe").attach_target == "do_sys_openat2"
    assert flags("--program-type", "fentry").attach_target.endswith("sys_openat2")


@pytest.mark.parametrize(("before", "output"), [(["--output", "jsonl"], "jsonl"), (["--output", "text"], "text")])
def test_what_stands_before_a_mistake_is_known(before: list[str], output: str) -> None:
    found = Namespace(output="text")
    with pytest.raises(RunnerError) as raised:
        parse([*before, "--batch", "0"], found)
    assert raised.value.kind == "usage"
    assert found.output == output
