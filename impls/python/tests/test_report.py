"""The report for a person."""

from conftest import TESTDATA

from ringbuf_throughput.protocol import Summary
from ringbuf_throughput.report import Rated, report, version_line

VERSION = version_line("example", "example-bpf", "1.2.3")
BALANCED = Summary(
    elapsed_ns=10_000_000_000,
    attempted=1234600,
    submitted=1234567,
    dropped=33,
    dropped_marks=1,
    lost=0,
    received=1234567,
    bytes=79012288,
    marks=1,
    wakeups=12345,
    latency=None,
)


UNTIL_STOP = Rated(received=1234567, bytes=79012288)


def lines(summary: Summary, until_stop: Rated = UNTIL_STOP) -> list[str]:
    return report(VERSION, "tracepoint", "syscalls/sys_enter_openat2", summary, until_stop, None).splitlines()


def test_the_report_is_the_shared_text() -> None:
    percentiles = (10000, 20000, 30000, 40000, 50000)
    text = report(VERSION, "tracepoint", "syscalls/sys_enter_openat2", BALANCED, UNTIL_STOP, percentiles)
    assert text + "\n" == (TESTDATA / "report.txt").read_text()


def test_no_event_at_all_is_explained() -> None:
    nothing = BALANCED._replace(attempted=0, submitted=0, dropped=0, received=0, bytes=0, wakeups=0)
    shown = lines(nothing, Rated(0, 0))
    assert "latency      none recorded" in shown
    assert "dropped      0 (0.00 %)" in shown
    assert shown[-2:] == ["", "hint: nothing triggered the program; run `orchestrator load` in another terminal"]


def test_every_equation_that_fails_is_shown() -> None:
    broken = BALANCED._replace(attempted=5, submitted=3, dropped=1, received=2)
    assert lines(broken)[-1] == (
        "accounting   NOT BALANCED: attempted 5 != submitted 3 + dropped 1; submitted 3 != received 2"
    )


def test_rates_are_of_what_was_read_until_the_stop() -> None:
    shown = lines(BALANCED, Rated(received=50, bytes=3_200_000))
    assert "events       1,234,567 received of 1,234,600 attempted" in shown
    assert "throughput   5 events/s, 0.32 MB/s" in shown
