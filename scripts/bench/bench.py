#!/usr/bin/env python3
"""The benchmark of this project itself: `make bench` runs it; see scripts/bench.sh for what it needs.

Each round measures everything once, in an order of its own, so that whatever drifts on the machine drifts for all.
Every limit is a ratio of two figures of the same round, because nanoseconds of one machine say nothing of another;
medians over the rounds.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import alone

ROOT = Path(__file__).resolve().parents[2]
ORCHESTRATOR = ROOT / "build/orchestrator"
BENCH = ROOT / "build/bench"

# The shortest correct loop of each implementation's framework.
LOOPS = {
    "c": [BENCH / "bare-c"],
    "libbpf-rs": [BENCH / "bare-libbpf-rs"],
    "rust": [BENCH / "bare-aya"],
    "go": [BENCH / "bare-go"],
    "python": ["/usr/bin/python3", ROOT / "scripts/bench/loops/bcc_loop.py"],
}
RAW_WALK = [BENCH / "bare-raw"]

RUNNER_TO_BARE_MAX = 1.05
C_TO_RAW_MAX = 1.05
SUPERVISED_TO_ALONE_MIN = 0.99
LOAD_TO_BARE_MIN = 0.97
SUPERVISOR_CPU_PERCENT_MAX = 1.0
SUPERVISOR_RSS_BYTES_MAX = 20_000_000


def cpus() -> tuple[str, str]:
    """The CPUs of consumer and load, as the comparison places them: the last and the first that may be used."""
    usable = sorted(os.sched_getaffinity(0))
    return str(usable[-1]), str(usable[0])


RUNNER_CPU, LOAD_CPU = cpus()


def output_of(argv: list) -> str:
    """Standard output of a command; ends the program when it fails."""
    done = subprocess.run([str(part) for part in argv], stdout=subprocess.PIPE, text=True, check=False)
    # 7: some trial failed. The table below shows which.
    if done.returncode not in (0, 7):
        sys.exit(f"error: `{' '.join(str(part) for part in argv)}` ended with status {done.returncode}")
    return done.stdout


def runner_alone(name: str, seconds: float, root: Path = ROOT) -> float:
    """Capacity of a runner without the supervisor, ns an event."""
    runner = root / f"build/{name}/ringbuf_throughput"
    return alone.runner_alone(str(ORCHESTRATOR), str(runner), seconds, (RUNNER_CPU, LOAD_CPU))


def bare_loop(loop: list, seconds: float) -> float:
    """The same of a bare loop, which reads the ring of a C runner that is stopped."""
    runner = ROOT / "build/c/ringbuf_throughput"
    words = [str(word) for word in loop]
    return alone.bare_loop(str(ORCHESTRATOR), str(runner), seconds, (RUNNER_CPU, LOAD_CPU), words)


def load_rate(seconds: float) -> float:
    """Triggers per second of the load generator's closed loop."""
    argv = [ORCHESTRATOR, "load", "--pattern=closed", f"--duration={seconds}", f"--cpus={LOAD_CPU}", "--output=jsonl"]
    report = json.loads(output_of(argv).splitlines()[-1])
    return report["issued"] / ((report["ended_ns"] - report["started_ns"]) / 1e9)


def bare_rate(seconds: float) -> float:
    """Calls per second of the bare C loop."""
    return float(output_of(["taskset", "-c", LOAD_CPU, BENCH / "bare_load", seconds]).split()[0])


class Report:
    """Collects values and prints medians against limits."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = {}
        self.broken = 0

    def add(self, name: str, value: float | None) -> None:
        """Takes one value; an unknown one counts as missing."""
        if value is not None:
            self.values.setdefault(name, []).append(value)

    def add_ratio(self, name: str, over: float | None, under: float | None) -> None:
        """Takes one ratio; an unknown part counts as missing."""
        self.add(name, over / under if over is not None and under is not None else None)

    def line(self, name: str, unit: str, limit: str = "", low: float | None = None, high: float | None = None) -> None:
        """Prints one line and remembers a broken limit."""
        values = self.values.get(name)
        if not values:
            self.broken += 1
            print(f"  {name:<28} nothing was measured")
            return
        median = statistics.median(values)
        broken = (low is not None and median < low) or (high is not None and median > high)
        self.broken += broken
        spread = f"[{min(values):,.4g} to {max(values):,.4g}]"
        print(f"  {name:<28} {median:>10,.4g} {unit:<11} {spread:<24} {limit} {'BROKEN' if broken else ''}".rstrip())


def supervised(seconds: float, folder: Path, report: Report) -> float | None:
    """Capacity of C in the comparison, ns an event, and what supervising it cost."""
    argv = [ORCHESTRATOR, "compare", "--no-build", "--implementations", "c", "--questions", "capacity"]
    argv += ["--blocks", "1", "--duration", seconds, "--json", "--output", folder]
    (trial,) = json.loads(output_of(argv))["trials"]
    measurement = trial["measurement"]
    if (measurement["verdict"] or {}).get("kind") != "valid":
        print(f"  c supervised: {json.dumps(measurement['verdict'] or measurement['outcome'])}")
        return None
    figures = measurement["figures"]
    report.add("supervisor CPU", figures["supervisor_cpu_percent"])
    for events in folder.glob("*/events.jsonl"):
        for line in events.read_text(encoding="utf-8").splitlines():
            record = json.loads(line).get("record")
            if record:
                report.add("supervisor peak RSS", record["supervisor"]["peak_rss_bytes"])
    return figures["cpu_ns_per_event"]


def one_round(seconds: float, folder: Path, report: Report) -> None:
    """Measures everything once."""
    measures: dict[str, Callable[[], float | None]] = {
        "raw walk": lambda: bare_loop(RAW_WALK, seconds),
        "c supervised": lambda: supervised(seconds, folder, report),
        "load": lambda: load_rate(seconds),
        "bare load": lambda: bare_rate(seconds),
    }
    for name, loop in LOOPS.items():
        measures[name] = lambda name=name: runner_alone(name, seconds)
        measures[f"{name} bare"] = lambda loop=loop: bare_loop(loop, seconds)
    order = list(measures)
    random.shuffle(order)
    found = {name: measures[name]() for name in order}
    report.add("raw walk", found["raw walk"])
    for name in LOOPS:
        report.add(f"{name} alone", found[name])
        report.add_ratio(f"{name} / its bare loop", found[name], found[f"{name} bare"])
    report.add_ratio("c / raw walk", found["c"], found["raw walk"])
    # Capacity is events a core-second: the cost of an event turned over.
    report.add_ratio("c supervised / alone", found["c"], found["c supervised"])
    report.add_ratio("load / bare loop", found["load"], found["bare load"])


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
        one_round(arguments.seconds, BENCH / f"{os.getpid()}-{number}", report)
    print(f"\nmedians of {arguments.rounds} interleaved rounds of {arguments.seconds:g} s, {cpu_model()}\n")
    report.line("raw walk", "ns an event")
    for name in LOOPS:
        report.line(f"{name} alone", "ns an event")
    for name in LOOPS:
        limit = RUNNER_TO_BARE_MAX
        report.line(f"{name} / its bare loop", "", f"at most {limit}", high=limit)
    report.line("c / raw walk", "", f"at most {C_TO_RAW_MAX}", high=C_TO_RAW_MAX)
    report.line("c supervised / alone", "", f"at least {SUPERVISED_TO_ALONE_MIN}", low=SUPERVISED_TO_ALONE_MIN)
    report.line("load / bare loop", "", f"at least {LOAD_TO_BARE_MIN}", low=LOAD_TO_BARE_MIN)
    maximum = SUPERVISOR_CPU_PERCENT_MAX
    report.line("supervisor CPU", "% of a core", f"at most {maximum:g}", high=maximum)
    maximum = SUPERVISOR_RSS_BYTES_MAX
    report.line("supervisor peak RSS", "bytes", f"at most {maximum:,}", high=maximum)
    print(f"\n{'all limits are kept' if report.broken == 0 else f'{report.broken} limits are broken'}")
    return 1 if report.broken else 0


def cpu_model() -> str:
    """The processor's name, for whoever reads the figures."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "processor unknown"


if __name__ == "__main__":
    sys.exit(main())
