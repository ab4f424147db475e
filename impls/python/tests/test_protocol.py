"""The messages, byte for byte."""

from conftest import TESTDATA

from ringbuf_throughput import protocol

HELLO, READY, COUNTERS, SUMMARY, ERROR, QUOTED = (TESTDATA / "protocol.jsonl").read_text().splitlines()


def test_hello() -> None:
    assert protocol.hello("example", "example-bpf", "1.2.3", 4242) == HELLO


def test_ready() -> None:
    line = protocol.ready([7], [11, 12, 13], 2500000, 40000, "tracepoint", "syscalls/sys_enter_openat2")
    assert line == READY


def test_counters() -> None:
    assert protocol.counters(123456789012, 23, 1472, 5) == COUNTERS


def test_summary() -> None:
    largest = 2**64 - 1
    values = protocol.Summary(
        elapsed_ns=10_000_000_000,
        attempted=25,
        submitted=23,
        dropped=2,
        dropped_marks=12884901888,
        lost=0,
        received=23,
        bytes=1472,
        marks=largest,
        wakeups=5,
        latency=None,
    )
    assert protocol.summary(values) == SUMMARY


def test_error() -> None:
    message = "this kernel has no kprobes (CONFIG_KPROBES is off)"
    hint = "use `--program-type tracepoint`, or a kernel built with CONFIG_KPROBES=y"
    assert protocol.error("unsupported", message, hint) == ERROR


def test_error_with_characters_that_need_escaping() -> None:
    assert protocol.error("internal", 'a "quoted"\tname\\', None) == QUOTED
