#!/usr/bin/env python3
"""The measuring part of slowed.sh: known differences, measured alone and in the comparison, and whether the two agree.

slowed.py BLOCKS SECONDS

How much a given piece of work adds is the machine's affair: where the loop waits for cache lines, work hides in the
waiting. So the pieces are found here: rounds of work a record that make the runner alone about 10, 25 and 100 % dearer.
"""

import json
import math
import shutil
import statistics
import subprocess
import sys

from bench import BENCH, ORCHESTRATOR, ROOT, output_of, runner_alone

TARGETS = (1.10, 1.25, 2.00)
# Calibration: pairs of measurements of so many seconds, and where to give up.
PAIRS = 3
PAIR_SECONDS = 1.0
MOST_ROUNDS = 1024
PROJECT = BENCH / "slowed"
TARGET_FOLDER = ROOT / "target/slowed"


def make_project() -> None:
    """A project of two implementations, as anybody could set up."""
    shutil.rmtree(PROJECT, ignore_errors=True)
    manifest = (ROOT / "impls/c/impl.yaml").read_text(encoding="utf-8").splitlines()
    for name in ("c", "c-slowed"):
        leave_out = ("aliases:", "baseline:") if name == "c-slowed" else ("aliases:",)
        lines = [f"name: {name}" if line.startswith("name:") else line for line in manifest]
        folder = PROJECT / "impls" / name
        folder.mkdir(parents=True)
        (PROJECT / "build" / name).mkdir(parents=True)
        text = "\n".join(line for line in lines if not line.startswith(leave_out)) + "\n"
        (folder / "impl.yaml").write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "build/c/ringbuf_throughput", PROJECT / "build/c")


def build(rounds: int) -> None:
    """The runner with so many rounds of extra work a record, in a target folder of its own."""
    argv = ["scripts/toolchain", "env", f"RUNNER_EXTRA_WORK_ROUNDS={rounds}"]
    argv += ["cargo", "build", "--quiet", "--release", "--locked", "--package", "impl-c", "--target-dir", TARGET_FOLDER]
    subprocess.run(argv, cwd=ROOT, check=True)
    shutil.copy(TARGET_FOLDER / "release/impl-c", PROJECT / "build/c-slowed/ringbuf_throughput")


def pair(number: int, seconds: float) -> float:
    """The slowed runner's cost over the plain one's, both alone, one after the other."""
    order = ["c", "c-slowed"] if number % 2 else ["c-slowed", "c"]
    cost = {name: runner_alone(name, seconds, PROJECT) for name in order}
    return cost["c-slowed"] / cost["c"]


def ratio_at(rounds: int, known: dict[int, float]) -> float:
    """The ratio with so many rounds, measured once."""
    if rounds not in known:
        build(rounds)
        known[rounds] = statistics.median(pair(number, PAIR_SECONDS) for number in range(PAIRS))
        print(f"  {rounds} rounds a record: {known[rounds]:.3f}", file=sys.stderr)
    return known[rounds]


def calibrate(target: float, known: dict[int, float]) -> int:
    """The rounds that come nearest to a ratio."""
    high = 1
    while ratio_at(high, known) < target:
        high *= 2
        if high > MOST_ROUNDS:
            sys.exit(f"error: {MOST_ROUNDS} rounds of work a record add less than {target - 1:.0%}")
    low = high // 2
    while high - low > 1 and abs(math.log(known[high] / target)) > math.log(target) / 8:
        middle = (low + high) // 2
        if ratio_at(middle, known) < target:
            low = middle
        else:
            high = middle
    return min((abs(math.log(ratio / target)), rounds) for rounds, ratio in known.items())[1]


def t_quantile(degrees: int) -> float:
    """The 97.5 % quantile of Student's t, by Simpson's rule on its density and bisection."""
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(degrees * math.pi)

    def half(end: float) -> float:
        steps = 2000
        density = [(1 + (end * i / steps) ** 2 / degrees) ** (-(degrees + 1) / 2) for i in range(steps + 1)]
        inner = 4 * sum(density[1:-1:2]) + 2 * sum(density[2:-1:2])
        return scale * end / steps / 3 * (density[0] + inner + density[-1])

    low, high = 0.0, 100.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if half(middle) < 0.475 else (low, middle)
    return high


def interval(ratios: list[float]) -> tuple[float, float, float]:
    """Geometric mean and its 95 % interval."""
    logs = [math.log(ratio) for ratio in ratios]
    mean, error = statistics.mean(logs), statistics.stdev(logs) / math.sqrt(len(logs))
    half = t_quantile(len(logs) - 1) * error
    return math.exp(mean), math.exp(mean - half), math.exp(mean + half)


def compared(blocks: int, seconds: float) -> dict:
    """What the comparison says of the slowed program: a pair of run.json (docs/RESULTS.md)."""
    argv = [ORCHESTRATOR, "--root", PROJECT, "compare", "--no-build", "--questions", "capacity", "--blocks", blocks]
    argv += ["--duration", seconds, "--baseline", "c", "--json", "--output", PROJECT / "results"]
    run = json.loads(output_of(argv))
    (capacity,) = run["analysis"]["benchmarks"]
    return next(
        pair for pair in capacity["pairs"] if pair["quantity"] == "cpu_ns_per_event" and pair["label"] == "c-slowed"
    )


def judge(found: dict, direct: tuple[float, float, float]) -> bool:
    """Whether the comparison found the difference, and the two intervals have something in common."""
    low, high = found["low"], found["high"]
    if low is None:
        sys.exit("error: the comparison gives no interval\n\nhint: more `--blocks`")
    verdict = found["verdict"]["kind"]
    slower = verdict in ("slower", "slower_by")
    agree = low <= direct[2] and direct[1] <= high
    print(f"  compared   {found['ratio']:.3f} [{low:.3f} to {high:.3f}], verdict `{verdict}`")
    print(f"  intervals agree: {'yes' if agree else 'NO'}; reported slower: {'yes' if slower else 'NO'}")
    return slower and agree


def main() -> int:
    """Measures, prints, judges."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 64
    blocks, seconds = int(sys.argv[1]), float(sys.argv[2])
    make_project()
    known: dict[int, float] = {}
    good = True
    for target in TARGETS:
        rounds = calibrate(target, known)
        build(rounds)
        # Half of the direct measurements before the comparison and half after: no drift passes for a difference.
        ratios = [pair(number, seconds) for number in range(blocks // 2)]
        found = compared(blocks, seconds)
        ratios += [pair(number, seconds) for number in range(blocks - blocks // 2)]
        direct = interval(ratios)
        print(f"about {target - 1:.0%}: {rounds} rounds of work a record, {blocks} pairs, {blocks} blocks")
        print(f"  alone      {direct[0]:.3f} [{direct[1]:.3f} to {direct[2]:.3f}]")
        good = judge(found, direct) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
