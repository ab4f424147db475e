"""The report for a person."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hdrh.histogram import HdrHistogram

_PERCENTILES = {"P50": 50, "P95": 95, "P99": 99, "P99.9": 99.9, "max": 100}


def report(
    version: str, program: str, summary: dict[str, int], received: int, payload_bytes: int, delays: "HdrHistogram"
) -> str:
    """`received` and `payload_bytes` are what was read until the runner decided to stop, and the rates are of that; the
    summary also counts what was drained after that.
    """
    attempted, submitted, dropped = summary["attempted"], summary["submitted"], summary["dropped"]
    seconds = summary["elapsed_ns"] / 1e9
    latency, accounting, hint = "none recorded", "balanced", ""
    if delays.get_total_count():
        found = {name: delays.get_value_at_percentile(percent) for name, percent in _PERCENTILES.items()}
        latency = ", ".join(f"{name} {value:,} ns" for name, value in found.items())
    if attempted != submitted + dropped or submitted != summary["received"]:
        counts = ("attempted", "submitted", "dropped", "received")
        accounting = "NOT BALANCED: " + ", ".join(f"{name} {summary[name]}" for name in counts)
    if not attempted:
        hint = "\n\nhint: nothing triggered the program; run `orchestrator load` in another terminal"
    return f"""{version}

program      {program}
elapsed      {seconds:.3f} s
events       {summary["received"]:,} received of {attempted:,} attempted
dropped      {dropped:,} ({100 * dropped / max(attempted, 1):.2f} %)
throughput   {received / seconds:,.0f} events/s, {payload_bytes / seconds / 1e6:.2f} MB/s
wakeups      {summary["wakeups"]:,}
latency      {latency}
accounting   {accounting}{hint}"""
