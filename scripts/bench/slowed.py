#!/usr/bin/env python3
"""The measuring part of slowed.sh: the same two programs in the comparison and alone, and whether the two agree.

slowed.py PROJECT ROUNDS BLOCKS SECONDS
"""

import json
import math
import statistics
import sys
from pathlib import Path

from bench import ORCHESTRATOR, alone, output_of


def compared(project: Path, blocks: str, seconds: str) -> dict:
    """What the comparison says of the slowed program: a pair of run.json (docs/RESULTS.md)."""
    argv = [ORCHESTRATOR, "--root", project, "compare", "--no-build", "--questions", "capacity", "--blocks", blocks]
    argv += ["--duration", seconds, "--baseline", "c", "--json", "--output", project / "results"]
    run = json.loads(output_of(argv))
    (capacity,) = run["analysis"]["benchmarks"]
    return next(
        pair for pair in capacity["pairs"] if pair["quantity"] == "cpu_ns_per_event" and pair["label"] == "c-slowed"
    )


def main() -> int:
    """Measures, prints, judges."""
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        return 64
    project, rounds, blocks, seconds = Path(sys.argv[1]).resolve(), *sys.argv[2:]
    # Half of the direct measurements before the comparison and half after it, so that no drift passes for a difference.
    ratios, plain = [], []
    halves = [int(blocks) // 2, int(blocks) - int(blocks) // 2]

    def measure_alone(count: int) -> None:
        for number in range(count):
            order = ["c", "c-slowed"] if number % 2 else ["c-slowed", "c"]
            cost = {name: alone(project / f"build/{name}/ringbuf_throughput", float(seconds)) for name in order}
            plain.append(cost["c"])
            ratios.append(cost["c-slowed"] / cost["c"])

    measure_alone(halves[0])
    pair = compared(project, blocks, seconds)
    measure_alone(halves[1])

    direct = math.exp(statistics.mean(map(math.log, ratios)))
    print(f"extra work                {rounds} rounds a record")
    print(f"c alone                   {statistics.median(plain):.2f} ns an event (median of {len(plain)})")
    spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
    print(f"c-slowed / c, alone       {direct:.3f} (geometric mean of {len(ratios)} pairs, {spread})")
    return judge(pair, direct)


def judge(pair: dict, direct: float) -> int:
    """Whether the comparison found the difference, and its interval holds what was measured directly."""
    low, high = pair["low"], pair["high"]
    if low is None:
        sys.exit("error: the comparison gives no interval\n\nhint: more `--blocks`")
    verdict = pair["verdict"]["kind"]
    slower = verdict in ("slower", "slower_by")
    holds = low <= direct <= high
    print(f"c-slowed / c, compared    {pair['ratio']:.3f} [{low:.3f} to {high:.3f}], verdict `{verdict}`")
    print(f"reported slower           {'yes' if slower else 'NO'}")
    print(f"holds the direct ratio    {'yes' if holds else 'NO'}")
    return 0 if slower and holds else 1


if __name__ == "__main__":
    sys.exit(main())
