"""What a supervisor and a person are told."""

import json
import os

import pytest
from conftest import TESTDATA

from bench.contract.messages import Output
from bench.contract.report import report

SUMMARY = {
    "elapsed_ns": 10_000_000_000,
    "attempted": 1234600,
    "submitted": 1234567,
    "dropped": 33,
    "received": 1234567,
}


def lines(until_stop: int = 1234567, **changed: int) -> list[str]:
    delays = {"P50": 1000, "P99": 2000} if until_stop else {}
    return report("version", "program", SUMMARY | changed, until_stop, delays).splitlines()


@pytest.mark.parametrize("line", (TESTDATA / "protocol.jsonl").read_text().splitlines())
def test_a_message_is_its_type_and_its_fields(line: str, capfd: pytest.CaptureFixture) -> None:
    saved = os.dup(1)
    output = Output()
    os.dup2(saved, 1)
    fields = json.loads(line)
    output.message(fields["type"], **{name: value for name, value in fields.items() if name != "type"})
    output.jsonl = True
    output.message(fields.pop("type"), **fields)
    assert capfd.readouterr().out == line + "\n"


def test_the_report_has_its_figures() -> None:
    shown = lines()
    assert "events       1,234,567 received of 1,234,600 attempted" in shown
    assert "dropped      33" in shown
    assert "throughput   123,457 events/s" in shown
    assert "latency      P50 1,000 ns, P99 2,000 ns" in shown
    assert shown[-1] == "accounting   balanced"


def test_rates_are_of_what_was_read_until_the_stop() -> None:
    assert "throughput   5 events/s" in lines(until_stop=50)


def test_nothing_is_no_figure() -> None:
    assert "latency      none recorded" in lines(until_stop=0, received=0, attempted=0, submitted=0, dropped=0)


@pytest.mark.parametrize("changed", [{"dropped": 32}, {"received": 1234566}])
def test_counts_that_do_not_balance_are_shown(changed: dict[str, int]) -> None:
    accounting = lines(**changed)[-1]
    assert accounting.startswith("accounting   NOT BALANCED: attempted 1234600, submitted 1234567, ")
    assert all(f"{name} {value}" in accounting for name, value in changed.items())
