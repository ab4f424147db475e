"""The report for a person (impls/testdata/report.txt)."""

from typing import NamedTuple

from . import __version__, protocol
from .histogram import Percentiles

_NOTHING_HINT = "hint: nothing triggered the program; run `orchestrator load` in another terminal"
_LABELS = ("P50", "P95", "P99", "P99.9", "max")


class Rated(NamedTuple):
    """What was read until the runner decided to stop."""

    received: int
    bytes: int


def version_line(implementation: str, framework: str, framework_version: str) -> str:
    """The output of `--version` and the first line of the report."""
    product = f"{implementation}, {framework} {framework_version}, protocol {protocol.VERSION}"
    return f"ringbuf_throughput {__version__} ({product})"


def report(
    version: str,
    program_type: str,
    attach_target: str,
    summary: protocol.Summary,
    until_stop: Rated,
    percentiles: Percentiles | None,
) -> str:
    """The whole report, without the last line's end. Counts include what was drained after the decision to stop; rates
    do not.
    """
    seconds = summary.elapsed_ns / 1e9
    dropped_percent = 100 * summary.dropped / summary.attempted if summary.attempted else 0.0
    rate = until_stop.received / seconds
    megabytes = until_stop.bytes / seconds / 1e6
    lines = [
        version,
        "",
        f"program      {program_type} {attach_target}",
        f"elapsed      {seconds:.3f} s",
        f"events       {summary.received:,} received of {summary.attempted:,} attempted",
        f"dropped      {summary.dropped:,} ({dropped_percent:.2f} %)",
        f"throughput   {rate:,.0f} events/s, {megabytes:.2f} MB/s",
        f"wakeups      {summary.wakeups:,}",
        f"latency      {_latency(percentiles)}",
        f"accounting   {_accounting(summary)}",
    ]
    if not summary.attempted:
        lines += ["", _NOTHING_HINT]
    return "\n".join(lines)


def _latency(percentiles: Percentiles | None) -> str:
    if percentiles is None:
        return "none recorded"
    return ", ".join(f"{label} {value:,} ns" for label, value in zip(_LABELS, percentiles, strict=True))


def _accounting(summary: protocol.Summary) -> str:
    attempted, submitted, dropped = summary.attempted, summary.submitted, summary.dropped
    failed = []
    if attempted != submitted + dropped:
        failed.append(f"attempted {attempted} != submitted {submitted} + dropped {dropped}")
    if submitted != summary.received:
        failed.append(f"submitted {submitted} != received {summary.received}")
    return "NOT BALANCED: " + "; ".join(failed) if failed else "balanced"
