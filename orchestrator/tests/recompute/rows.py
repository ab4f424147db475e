"""Rows: the quantities of a trial, and one label's values of each with their interval."""

from __future__ import annotations

import math
from typing import Any

from arithmetic import median, median_interval
from figures import delays, over
from hdr import Histogram

FEWEST = 5

# Name, where its value is in a measurement, and whether more is better.
QUANTITIES: list[tuple[str, tuple[str, str], bool]] = [
    ("cpu_ns_per_event", ("figures", "cpu_ns_per_event"), False),
    ("loss_free_per_sec", ("figures", "loss_free_per_sec"), True),
    ("delivered_per_sec", ("figures", "delivered_per_sec"), True),
    ("delivered_share", ("figures", "drop_ratio"), True),
    ("latency_p50", ("latency", "p50_ns"), False),
    ("latency_p95", ("latency", "p95_ns"), False),
    ("latency_p99", ("latency", "p99_ns"), False),
    ("latency_p999", ("latency", "p999_ns"), False),
    ("runner_cpu_percent", ("figures", "runner_cpu_percent"), False),
    ("peak_rss_bytes", ("figures", "peak_rss_bytes"), False),
    ("private_bytes", ("figures", "private_bytes"), False),
    ("time_to_ready_ns", ("figures", "time_to_ready_ns"), False),
    ("load_ns_per_trigger", ("figures", "load_ns_per_trigger"), False),
    ("bpf_run_ns", ("figures", "bpf_run_ns"), False),
    ("first_event_ns", ("figures", "first_event_ns"), False),
    ("load_ns", ("figures", "load_ns"), False),
    ("attach_ns", ("figures", "attach_ns"), False),
    ("exit_ns", ("figures", "exit_ns"), False),
    ("private_at_rest_bytes", ("figures", "private_at_rest_bytes"), False),
    ("map_memory_bytes", ("figures", "map_memory_bytes"), False),
    ("minor_faults", ("figures", "minor_faults"), False),
    ("verified_instructions", ("figures", "verified_instructions"), False),
    ("softirq_percent", ("figures", "softirq_percent"), False),
    ("least_thread_share", ("figures", "least_thread_share"), True),
    ("delivered_per_thread", ("figures", "delivered_per_thread"), True),
    ("least_ring_share", ("figures", "least_ring_share"), True),
    ("quiet_p50", ("figures", "quiet_p50_ns"), False),
    ("quiet_p99", ("figures", "quiet_p99_ns"), False),
    ("joules_per_event", ("figures", "joules_per_event"), False),
    ("program_files", ("figures", "program_files"), False),
    ("program_bytes", ("figures", "program_bytes"), False),
]

Measurement = dict[str, Any]


def value(measurement: Measurement, quantity: str) -> float | None:
    """A trial's value of a quantity."""
    part, field = next(where for name, where, _ in QUANTITIES if name == quantity)
    found: float | None = (measurement[part] or {}).get(field)
    if quantity == "delivered_share" and found is not None:
        return 1 - found
    return found


def is_usable(measurement: Measurement) -> bool:
    """Whether it completed and nothing contradicts it."""
    return measurement["verdict"] is not None and measurement["verdict"]["kind"] in ("valid", "unverified")


def interval(logs: list[float], confidence: float) -> dict[str, float | None]:
    """Median and its interval, of logarithms."""
    if not logs or not all(math.isfinite(each) for each in logs):
        return {"middle": None, "low": None, "high": None, "half_width": None}
    ends = median_interval(logs, confidence, FEWEST)
    low, high = ends or (None, None)
    return {
        "middle": math.exp(median(logs)),
        "low": None if low is None else math.exp(low),
        "high": None if high is None else math.exp(high),
        "half_width": None if low is None or high is None else math.exp((high - low) / 2) - 1,
    }


def estimate(quantity: str, values: list[float], confidence: float) -> dict[str, Any]:
    """One quantity of one row."""
    found = interval([math.log(each) if each > 0 else -math.inf for each in values], confidence)
    middle = found.pop("middle")
    return {
        "quantity": quantity,
        "repetitions": len(values),
        "value": median(values) if middle is None else middle,
        "median": median(values),
        "min": min(values),
        "max": max(values),
        **found,
    }


class Row:
    """One label in one benchmark."""

    def __init__(self, label: str, implementation: str, trials: list[dict[str, Any]], status: str) -> None:
        self.label, self.implementation, self.status = label, implementation, status
        self.trials = [trial["measurement"] for trial in sorted(trials, key=lambda trial: trial["planned"]["block"])]
        self.series = {trial["planned"]["block"]: trial["measurement"] for trial in trials}
        self.usable = [measurement for measurement in self.trials if is_usable(measurement)]

    def figures(self, name: str) -> list[Any]:
        """The known values of a figure."""
        values = [measurement["figures"].get(name) for measurement in self.usable]
        return [each for each in values if each is not None]

    def share(self, part: str, whole: str, old: tuple[str, str] | None = None) -> float | None:
        """One figure's sum over another's, of the trials that know both; `old`: counts that version 1 knew instead."""

        def of(measurement: Measurement, figure: str, count: str | None) -> float | None:
            known: float | None = measurement["figures"].get(figure)
            return measurement["counts"].get(count) if known is None and count is not None else known

        older, oldest = old or (None, None)
        pairs = [(of(m, part, older), of(m, whole, oldest)) for m in self.usable]
        known = [pair for pair in pairs if None not in pair]
        return over(sum(pair[0] for pair in known), sum(pair[1] for pair in known))

    def limit(self) -> dict[str, Any] | None:
        """The most frequent one, the first in METHODOLOGY's order where several are."""
        order = ["loss", "consumer", "wakeups", "contention", "load", "timer_or_ring", "schedule"]
        limits = self.figures("limit")
        if not limits:
            return None
        by = max(order, key=lambda name: sum(limit["by"] == name for limit in limits))
        shares = [limit["share"] for limit in limits if limit["by"] == by and limit["share"] is not None]
        return {"by": by, "share": median(shares) if shares else None}

    def latency(self) -> dict[str, Any] | None:
        """All delays together."""
        parts = [measurement["latency"] for measurement in self.usable if measurement["latency"] is not None]
        if not parts:
            return None
        merged = Histogram()
        for part in parts:
            merged.add(Histogram.decode(part["histogram"]))
        planned = [part.get("planned") for part in parts]
        return delays(merged, None if None in planned else sum(planned))

    def estimates(self, confidence: float) -> list[dict[str, Any]]:
        """All quantities that are known."""
        found = []
        for quantity, _, _ in QUANTITIES:
            values = [each for m in self.usable if (each := value(m, quantity)) is not None]
            if values:
                found.append(estimate(quantity, values, confidence))
        return found

    def values(self, quantity: str) -> dict[int, float]:
        """What is known of a quantity, by block."""
        usable = {block: value(m, quantity) for block, m in self.series.items() if is_usable(m)}
        return {block: each for block, each in usable.items() if each is not None}

    def result(self, confidence: float) -> dict[str, Any]:
        """The numbers of a row as in `run.json`."""
        lateness, missed, offered = (self.figures(n) for n in ("lateness_p99_ns", "missed_share", "offered_per_sec"))
        return {
            "label": self.label,
            "implementation": self.implementation,
            "estimates": self.estimates(confidence),
            "latency": self.latency(),
            "drop_ratio": self.share("events_dropped", "events_attempted", ("dropped", "attempted")),
            "offered_per_sec": median(offered) if offered else None,
            "wakeups_per_event": self.share("wakeups", "events_while_wakeups"),
            "limit": self.limit(),
            "lateness_p99_ns": median(lateness) if lateness else None,
            "missed_share": median(missed) if missed else None,
        }


def value_in(row: Row, block: int, quantity: str) -> float | None:
    """A row's value in one block, where it may be used."""
    measurement = row.series[block]
    return value(measurement, quantity) if is_usable(measurement) else None
