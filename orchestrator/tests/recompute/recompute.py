#!/usr/bin/env python3
"""Computes every figure and statistic of a run again, from the raw facts in `events.jsonl`; compares with `run.json`.

Nothing here is translated from the orchestrator: it was written from docs/FIGURES.md, docs/METHODOLOGY.md and
docs/RESULTS.md, with an arithmetic of its own. A figure that is not known here is a difference, too.

    recompute.py FOLDER        exit status 0: all agree; 1: they differ; 2: there is nothing to compare
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from figures import Trial
from statistical import recompute_analysis

TOLERANCE = 1e-9
# Of a line that shows a difference.
LONGEST = 300


class Comparison:
    """Counts what agrees and collects what does not."""

    def __init__(self) -> None:
        self.compared = 0
        self.differences: list[str] = []

    def equal(self, where: str, ours: object, theirs: object) -> None:
        """Compares two values of any form."""
        if isinstance(ours, dict) and isinstance(theirs, dict):
            for key in sorted(ours.keys() | theirs.keys()):
                if key not in ours:
                    self.differ(f"{where}.{key}", "no rule for it", theirs[key])
                elif key not in theirs:
                    self.differ(f"{where}.{key}", ours[key], "missing")
                else:
                    self.equal(f"{where}.{key}", ours[key], theirs[key])
        elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
            for index, pair in enumerate(zip(ours, theirs, strict=True)):
                self.equal(f"{where}[{index}]", *pair)
        elif is_number(ours) and is_number(theirs):
            self.compared += 1
            if not math.isclose(ours, theirs, rel_tol=TOLERANCE, abs_tol=1e-12):
                self.differ(where, ours, theirs)
        else:
            self.compared += 1
            if ours != theirs:
                self.differ(where, ours, theirs)

    def differ(self, where: str, ours: object, theirs: object) -> None:
        """Notes a difference."""
        if isinstance(ours, list) and isinstance(theirs, list):
            ours, theirs = f"{len(ours)} of them", len(theirs)
        self.differences.append(f"{where}: {ours} here, {theirs} in run.json"[:LONGEST])


def is_number(value: object) -> bool:
    """Whether it is one; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def compare_trial(event: dict[str, Any], run: dict[str, Any], comparison: Comparison) -> None:
    """Figures and delays of one trial."""
    planned = event["planned"]
    trial = next(trial for trial in run["trials"] if trial["planned"]["number"] == planned["number"])
    measurement = trial["measurement"]
    if measurement["outcome"]["kind"] != "completed":
        return
    ours = Trial(event["record"], run["plan"]["benchmarks"][planned["benchmark"]])
    where = f"trial {planned['number']} ({planned['label']})"
    comparison.equal(f"{where} figures", ours.figures(), measurement["figures"])
    comparison.equal(f"{where} cpu", ours.cpu(), measurement["cpu"])
    kept = [each["holds"] for each in measurement["equations"] if each["name"] == "load_schedule"]
    comparison.equal(f"{where} schedule", ours.schedule(), kept[0] if kept else None)
    theirs = measurement["latency"]
    if theirs is not None:
        theirs = {key: value for key, value in theirs.items() if key != "histogram"}
    comparison.equal(f"{where} latency", ours.latency(), theirs)


def main() -> int:
    """Compares one run."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    trials = [event for event in events if event["event"] == "trial"]
    comparison = Comparison()
    # Figures of version 1 had other definitions; their statistics have not.
    if run["schema_version"] > 1:
        for event in trials:
            compare_trial(event, run, comparison)
    of_figures = comparison.compared
    recompute_analysis(run, comparison.equal)
    for difference in comparison.differences:
        print(difference)
    of_statistics = comparison.compared - of_figures
    print(f"{of_figures} figures and {of_statistics} statistics compared, {len(comparison.differences)} differ")
    if comparison.compared == 0:
        return 2
    return 1 if comparison.differences else 0


if __name__ == "__main__":
    sys.exit(main())
