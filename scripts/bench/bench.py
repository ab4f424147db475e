#!/usr/bin/env python3
"""The benchmark of this project itself: `make bench` runs it; see scripts/bench.sh for what it needs.

Each round measures everything once, so that whatever drifts on the machine drifts for all; medians over the rounds.
The limits of the runners are 1.10 times what bare loops of the same frameworks cost on the reference machine.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ORCHESTRATOR = ROOT / "build/orchestrator"
BARE_LOOP = ROOT / "build/bench/bare_loop"
ALONE = ROOT / "scripts/bench/alone.py"
RUNNER_CPU, LOAD_CPU = ("1", "0") if (os.cpu_count() or 1) > 1 else ("0", "0")

# Nanoseconds of CPU an event, in bursts of 64-byte records.
CAPACITY_LIMITS_NS = {"c": 12.5, "libbpf-rs": 12.5, "rust": 11.5, "go": 46.0, "python": 446.0}
SUPERVISED_TO_ALONE_MIN = 0.98
SUPERVISOR_CPU_PERCENT_MAX = 2.0
SUPERVISOR_RSS_BYTES_MAX = 30_000_000
LOAD_TO_BARE_MIN = 0.97


def output_of(argv: list) -> str:
    """Standard output of a command; ends the program when it fails."""
    done = subprocess.run([str(part) for part in argv], stdout=subprocess.PIPE, text=True, check=False)
    # 7: some trial failed. The table below shows which.
    if done.returncode not in (0, 7):
        sys.exit(f"error: `{' '.join(str(part) for part in argv)}` ended with status {done.returncode}")
    return done.stdout


def compare(seconds: float, folder: Path) -> list:
    """The trials of one block of capacity and throughput."""
    argv = [ORCHESTRATOR, "compare", "--no-build", "--blocks", "1", "--duration", seconds, "--json", "--output", folder]
    return json.loads(output_of([*argv, "--questions", "capacity,throughput"]))


def alone(runner: Path, seconds: float) -> float:
    """Capacity of a runner without the supervisor, ns an event."""
    return float(output_of(["/usr/bin/python3", ALONE, ORCHESTRATOR, runner, seconds, RUNNER_CPU, LOAD_CPU]))


def load_rate(seconds: float) -> float:
    """Triggers per second of the load generator's closed loop."""
    argv = [ORCHESTRATOR, "load", "--pattern=closed", f"--duration={seconds}", f"--cpus={LOAD_CPU}", "--output=jsonl"]
    report = json.loads(output_of(argv).splitlines()[-1])
    return report["issued"] / ((report["ended_ns"] - report["started_ns"]) / 1e9)


def bare_rate(seconds: float) -> float:
    """Calls per second of the bare C loop."""
    return float(output_of(["taskset", "-c", LOAD_CPU, BARE_LOOP, seconds]).split()[0])


class Report:
    """Collects values and prints medians against limits."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = {}
        self.broken = 0

    def add(self, name: str, value: float | None) -> None:
        """Takes one value; an unknown one counts as missing."""
        if value is not None:
            self.values.setdefault(name, []).append(value)

    def line(self, name: str, unit: str, limit: str = "", low: float | None = None, high: float | None = None) -> None:
        """Prints one line and remembers a broken limit."""
        values = self.values.get(name)
        if not values:
            self.broken += 1
            print(f"  {name:<34} nothing was measured")
            return
        median = statistics.median(values)
        broken = (low is not None and median < low) or (high is not None and median > high)
        self.broken += broken
        spread = f"[{min(values):,.4g} to {max(values):,.4g}]"
        print(f"  {name:<34} {median:>12,.4g} {unit:<12} {spread:<28} {limit} {'BROKEN' if broken else ''}".rstrip())


def one_round(seconds: float, folder: Path, report: Report) -> None:
    """Measures everything once."""
    run = compare(seconds, folder)
    supervised = None
    for trial in run["trials"]:
        label = trial["planned"]["label"]
        question = run["plan"]["benchmarks"][trial["planned"]["benchmark"]]["question"]
        measurement = trial["measurement"]
        figures = measurement["figures"]
        if (measurement["verdict"] or {}).get("kind") != "valid":
            print(f"  {label} {question}: {json.dumps(measurement['verdict'] or measurement['outcome'])}")
            continue
        report.add("supervisor CPU", figures["supervisor_cpu_percent"])
        if question == "capacity":
            report.add(f"{label} capacity", figures["cpu_ns_per_event"])
            if label == "c":
                supervised = figures["cpu_ns_per_event"]
        else:
            report.add(f"{label} throughput", figures["delivered_per_sec"] / 1e6)
            report.add(f"{label} drops", figures["drop_ratio"] * 100)
    for events in folder.glob("*/events.jsonl"):
        for line in events.read_text(encoding="utf-8").splitlines():
            record = json.loads(line).get("record")
            if record:
                report.add("supervisor peak RSS", record["supervisor"]["peak_rss_bytes"])
    by_itself = alone(ROOT / "build/c/ringbuf_throughput", seconds)
    if supervised is not None:
        # Capacity is events a core-second: the cost of an event turned over.
        report.add("C supervised / alone", by_itself / supervised)
    bare = bare_rate(seconds)
    report.add("load / bare loop", load_rate(seconds) / bare)


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds [default: 5]")
    parser.add_argument("--seconds", type=float, default=3, help="of one measurement [default: 3]")
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.seconds <= 0:
        parser.error("rounds and seconds must be above 0")
    report = Report()
    for number in range(arguments.rounds):
        print(f"round {number + 1} of {arguments.rounds}", file=sys.stderr)
        folder = ROOT / f"build/bench/{os.getpid()}-{number}"
        one_round(arguments.seconds, folder, report)
    print(f"\nmedians of {arguments.rounds} interleaved rounds of {arguments.seconds:g} s\n")
    for name, limit in CAPACITY_LIMITS_NS.items():
        report.line(f"{name} capacity", "ns an event", f"at most {limit:g}", high=limit)
        report.line(f"{name} throughput", "M events/s")
        report.line(f"{name} drops", "%")
    report.line("C supervised / alone", "", f"at least {SUPERVISED_TO_ALONE_MIN}", low=SUPERVISED_TO_ALONE_MIN)
    maximum = SUPERVISOR_CPU_PERCENT_MAX
    report.line("supervisor CPU", "% of a core", f"at most {maximum:g}", high=maximum)
    maximum = SUPERVISOR_RSS_BYTES_MAX
    report.line("supervisor peak RSS", "bytes", f"at most {maximum:,}", high=maximum)
    report.line("load / bare loop", "", f"at least {LOAD_TO_BARE_MIN}", low=LOAD_TO_BARE_MIN)
    print(f"\n{'all limits are kept' if report.broken == 0 else f'{report.broken} limits are broken'}")
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
