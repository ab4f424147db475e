"""The statistics of a run, written from docs/FIGURES.md and docs/METHODOLOGY.md."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from arithmetic import holm, letters, shaffer, sign_flip, two_sided_t
from curves import added, curves
from rows import FEWEST, QUANTITIES, Row, estimate, interval, value, value_in

DECIDING = {
    "capacity": ["cpu_ns_per_event"],
    "throughput": ["loss_free_per_sec"],
    "saturation": [],
    "latency": ["latency_p50", "latency_p95", "latency_p99", "latency_p999"],
    "cost": ["load_ns_per_trigger"],
    "run_time": ["bpf_run_ns"],
    "overhead": ["runner_cpu_percent", "load_ns_per_trigger"],
    "drop_curve": [],
    "scalability": [],
    "starvation": [],
    "complexity": ["load_ns_per_trigger"],
    "memory_usage": ["private_bytes", "delivered_share"],
    "start_up": ["first_event_ns"],
}
HEADLINE = {
    "capacity": "cpu_ns_per_event",
    "throughput": "loss_free_per_sec",
    "saturation": "delivered_per_sec",
    "latency": "latency_p50",
    "cost": "load_ns_per_trigger",
    "run_time": "bpf_run_ns",
    "overhead": "runner_cpu_percent",
    "drop_curve": "delivered_share",
    "scalability": "delivered_per_sec",
    "complexity": "load_ns_per_trigger",
    "memory_usage": "private_bytes",
    "start_up": "first_event_ns",
    "starvation": "quiet_p99",
}
# Shown, and never judged.
WITHOUT_VERDICT = ("saturation", "drop_curve", "scalability", "starvation")
ALWAYS_JUDGED = ["private_bytes", "time_to_ready_ns"]

Equal = Callable[[str, Any, Any], None]


class Tests:
    """p-values of one comparison, by the t test on a trimmed mean."""

    def __init__(self, logs: list[float], delta: float) -> None:
        ordered = sorted(logs)
        cut = len(ordered) // 8
        kept = ordered[cut : len(ordered) - cut]
        self.mean = math.fsum(kept) / len(kept)
        winsorised = [kept[0]] * cut + kept + [kept[-1]] * cut
        centre = math.fsum(winsorised) / len(winsorised)
        squares = math.fsum((each - centre) ** 2 for each in winsorised)
        error = math.sqrt(squares / (len(kept) * (len(kept) - 1)))
        margin = math.log1p(delta)

        def p(distance: float) -> float:
            if distance <= 0:
                return 1.0
            return two_sided_t(distance / error, len(kept) - 1) if error > 0 else 0.0

        self.differs = p(abs(self.mean))
        self.beyond = p(abs(self.mean) - margin)
        self.within = p(margin - abs(self.mean))

    def corrected(self, differs: float, beyond: float, within: float) -> Tests:
        """The same beside others."""
        new = object.__new__(Tests)
        new.mean, new.differs, new.beyond, new.within = self.mean, differs, beyond, within
        return new


class Pair:
    """One comparison, with everything that is said of it."""

    def __init__(self, quantity: str, rows: tuple[Row, Row], settings: dict[str, Any]) -> None:
        self.quantity, (self.row, self.reference), self.settings = quantity, rows, settings
        both = sorted(self.row.series.keys() & self.reference.series.keys())
        pairs = [(value_in(self.row, block, quantity), value_in(self.reference, block, quantity)) for block in both]
        logs = [math.log(x) - math.log(y) for x, y in pairs if x and y and x > 0 and y > 0]
        self.logs = logs
        self.found = interval(logs, settings["confidence"])
        self.tests = Tests(logs, settings["delta"]) if len(logs) > 1 else None
        self.better = 1 if next(higher for name, _, higher in QUANTITIES if name == quantity) else -1
        self.verdict: dict[str, Any] = self.judged(self.tests)
        self.p_baseline: float | None = None
        self.p_pairs: float | None = None
        self.p_holm: float | None = None
        self.apart = False
        self.ranked = False

    def judged(self, tests: Tests | None) -> dict[str, Any]:
        """What the interval and the p-values allow one to say."""
        low, high = self.found["low"], self.found["high"]
        if low is None or high is None or tests is None:
            return {"kind": "not_enough_repetitions", "have": len(self.logs), "needed": FEWEST}
        alpha, margin = 1 - self.settings["confidence"], math.log1p(self.settings["delta"])
        ends = sorted((self.better * math.log(low), self.better * math.log(high)))
        inside = ends[0] >= -margin and ends[1] <= margin
        certain = ends[0] > 0 or ends[1] < 0
        agree = certain and (ends[0] > 0) == (self.better * tests.mean > 0)
        word = "faster" if ends[0] > 0 else "slower"
        differs = agree and tests.differs <= alpha
        if inside:
            if tests.within <= alpha:
                return {"kind": "equivalent"}
            return {"kind": word if certain and tests.differs <= alpha else "undecided"}
        if not differs:
            return {"kind": "undecided"}
        far = ends[0] >= margin or ends[1] <= -margin
        return {"kind": f"{word}_by" if far and tests.beyond <= alpha else word}

    def is_difference(self) -> bool:
        """Whether it tells the two apart."""
        return self.verdict["kind"] in ("faster_by", "faster", "slower", "slower_by")

    def result(self) -> dict[str, Any]:
        """As in `run.json`."""
        return {
            "quantity": self.quantity,
            "label": self.row.label,
            "reference": self.reference.label,
            "blocks": len(self.logs),
            "ratio": self.found["middle"],
            "low": self.found["low"],
            "high": self.found["high"],
            "half_width": self.found["half_width"],
            "wins": sum(self.better * each > 0 for each in self.logs),
            "p": None if self.tests is None else self.tests.differs,
            "p_baseline": self.p_baseline,
            "p_pairs": self.p_pairs,
            "p_sign_flip": sign_flip(self.logs),
            "p_holm": self.p_holm,
            "verdict": self.verdict,
            "apart": self.apart,
        }


def is_judged(quantity: str, question: str) -> bool:
    """Whether rows are judged by a quantity."""
    return question not in WITHOUT_VERDICT and (quantity in DECIDING[question] or quantity in ALWAYS_JUDGED)


def both_could_be_more(quantity: str, rows: tuple[Row, Row]) -> bool:
    """Whether both rates are all that the load could offer: that compares the load with itself."""
    limits = [row.limit() for row in rows]
    return quantity == "loss_free_per_sec" and all(limit is not None and limit["by"] == "load" for limit in limits)


class Benchmark:
    """All rows and pairs of one benchmark."""

    def __init__(self, run: dict[str, Any], index: int, statuses: dict[str, str]) -> None:
        plan, self.settings = run["plan"], run["analysis"]["settings"]
        self.baseline = plan["baseline"]
        self.name, self.question = plan["benchmarks"][index]["name"], plan["benchmarks"][index]["question"]
        if run["schema_version"] == 1 and self.question == "throughput":
            self.question = "saturation"
        trials = [trial for trial in run["trials"] if trial["planned"]["benchmark"] == index]
        planned = [trial for trial in plan["trials"] if trial["benchmark"] == index]
        labels = {trial["label"]: trial["implementation"] for trial in planned}
        order = plan["benchmarks"][index]["implementations"]

        def place(label: str) -> tuple[int, bool, str]:
            known = order.index(labels[label]) if labels[label] in order else len(order)
            return known, label != labels[label], label

        self.rows = [
            Row(label, labels[label], [t for t in trials if t["planned"]["label"] == label], statuses[label])
            for label in sorted(labels, key=place)
        ]
        self.pairs: list[Pair] = []
        for quantity, _, _ in QUANTITIES:
            self.compare(quantity)

    def is_first(self, row: Row) -> bool:
        """Whether a row stands for its implementation: the baseline, or else the first."""
        same = [other for other in self.rows if other.implementation == row.implementation]
        chosen = next((other for other in same if other.label == self.baseline), same[0])
        return chosen is row

    def compare(self, quantity: str) -> None:
        """All pairs in one quantity."""
        pairs: list[Pair] = []
        for first, one in enumerate(self.rows):
            for other in self.rows[first + 1 :]:
                rows = (one, other) if other.label == self.baseline else (other, one)
                if not all(any(m["outcome"]["kind"] == "completed" for m in row.trials) for row in rows):
                    continue
                pair = Pair(quantity, rows, self.settings)
                if any(row.status != "valid" for row in rows):
                    pair.verdict = {"kind": "invalid"}
                elif not pair.logs:
                    continue
                elif not is_judged(quantity, self.question) or both_could_be_more(quantity, rows):
                    pair.verdict = {"kind": "unranked"}
                elif rows[0].implementation == rows[1].implementation:
                    if pair.is_difference():
                        pair.verdict = {"kind": "undecided"}
                elif all(self.is_first(row) for row in rows):
                    pair.ranked = True
                else:
                    pair.verdict = {"kind": "unranked"}
                pairs.append(pair)
        self.judge([pair for pair in pairs if pair.ranked and len(pair.logs) >= FEWEST and pair.tests is not None])
        self.pairs += pairs

    def judge(self, family: list[Pair]) -> None:
        """Corrects for all pairs, and then for those with the baseline."""
        things = {row.label for pair in family for row in (pair.row, pair.reference)}
        for pair, tests in zip(family, corrected(family, len(things)), strict=True):
            pair.p_pairs = tests.differs
            pair.verdict = pair.judged(tests)
            pair.apart = pair.is_difference()
        flips = [sign_flip(pair.logs) for pair in family]
        if None not in flips:
            for pair, adjusted in zip(family, holm([p for p in flips if p is not None]), strict=True):
                pair.p_holm = adjusted
        with_baseline = [pair for pair in family if pair.reference.label == self.baseline]
        for pair, tests in zip(with_baseline, corrected(with_baseline, None), strict=True):
            pair.p_baseline = tests.differs
            pair.verdict = pair.judged(tests)

    def noise_floor(self) -> list[dict[str, Any]]:
        """What rows of the same implementation differ by."""
        floors = []
        for pair in self.pairs:
            same = pair.row.implementation == pair.reference.implementation
            ratio = pair.found["middle"]
            if same and is_judged(pair.quantity, self.question) and ratio is not None:
                floors.append(
                    {
                        "quantity": pair.quantity,
                        "label": pair.row.label,
                        "reference": pair.reference.label,
                        "difference": math.exp(abs(math.log(ratio))) - 1,
                        "verdict": pair.judged(pair.tests),
                    }
                )
        return floors

    def letters(self) -> dict[str, str | None]:
        """Of each label."""
        quantity = HEADLINE[self.question]
        given: dict[str, str | None] = {row.label: None for row in self.rows}
        if not is_judged(quantity, self.question):
            return given
        ranked = []
        for row in self.rows:
            values = [each for m in row.usable if (each := value(m, quantity)) is not None]
            if row.status == "valid" and self.is_first(row) and len(values) >= FEWEST:
                ranked.append((estimate(quantity, values, self.settings["confidence"])["value"], row))
        higher = next(higher for name, _, higher in QUANTITIES if name == quantity)
        ranked.sort(key=lambda each: -each[0] if higher else each[0])
        rows = [row for _, row in ranked]
        told = {(p.row.label, p.reference.label) for p in self.pairs if p.quantity == quantity and p.apart}
        apart = [[bool({(a.label, b.label), (b.label, a.label)} & told) for b in rows] for a in rows]
        for row, names in zip(rows, letters(apart), strict=True):
            for other in self.rows:
                if other.implementation == row.implementation and other.status == "valid":
                    given[other.label] = names
        return given


def corrected(family: list[Pair], things: int | None) -> list[Tests]:
    """p-values beside those of the others of a family; `things`: it is all pairs of so many."""
    tests = [pair.tests for pair in family if pair.tests is not None]
    differs = [each.differs for each in tests]
    new = (
        holm(differs) if things is None else shaffer(differs, things),
        holm([each.beyond for each in tests]),
        holm([each.within for each in tests]),
    )
    return [each.corrected(*values) for each, *values in zip(tests, *new, strict=True)]


# Words of a row, and counts of its trials, which are no statistics.
WORDS = {"status", "trials", "failures", "kernel_evidence"}


def recompute_analysis(run: dict[str, Any], equal: Equal) -> None:
    """Compares all statistics of a run."""
    confidence = run["analysis"]["settings"]["confidence"]
    everything = []
    for index, theirs in enumerate(run["analysis"]["benchmarks"]):
        statuses = {row["label"]: row["status"]["kind"] for row in theirs["rows"]}
        ours = Benchmark(run, index, statuses)
        equal(f"{ours.name} headline", HEADLINE[ours.question], theirs["headline"])
        names = ours.letters()
        for row, their_row in zip(ours.rows, theirs["rows"], strict=True):
            numbers = {key: each for key, each in their_row.items() if key not in WORDS}
            if numbers["latency"] is not None:
                numbers["latency"] = {k: each for k, each in numbers["latency"].items() if k != "histogram"}
            equal(f"{ours.name} row {row.label}", row.result(confidence) | {"letters": names[row.label]}, numbers)
        equal(f"{ours.name} pairs", [pair.result() for pair in ours.pairs], theirs["pairs"])
        equal(f"{ours.name} noise floor", ours.noise_floor(), theirs["noise_floor"])
        equal(f"{ours.name} added", added(run["trials"], index, confidence), theirs.get("added", []))
        everything.append((ours.question, HEADLINE[ours.question], ours.rows))
    equal("curves", curves(run["plan"], everything, confidence), run["analysis"].get("curves", []))
    equal("scores", scores(run), run["analysis"]["scores"])


def scores(run: dict[str, Any]) -> list[dict[str, Any]]:
    """Over benchmarks of the same question, where there are at least two in which every row is valid."""
    found = []
    baseline = run["plan"]["baseline"]
    for question in ("capacity", "latency"):
        usable = []
        for index, theirs in enumerate(run["analysis"]["benchmarks"]):
            statuses = {row["label"]: row["status"]["kind"] for row in theirs["rows"]}
            if theirs["question"] == question and set(statuses.values()) == {"valid"}:
                usable.append(Benchmark(run, index, statuses))
        if baseline is None or len(usable) < 2:
            continue
        for row in usable[0].rows:
            benefits = [benefit(benchmark, row.label, baseline) for benchmark in usable]
            known = [each for each in benefits if each is not None]
            if len(known) == len(usable):
                found.append(
                    {
                        "question": question,
                        "label": row.label,
                        "times_better": math.exp(math.fsum(known) / len(known)),
                        "benchmarks": len(known),
                    }
                )
    return found


def benefit(benchmark: Benchmark, label: str, baseline: str) -> float | None:
    """Logarithm of how many times better a row is."""
    if label == baseline:
        return 0.0 if any(row.label == label for row in benchmark.rows) else None
    quantity = HEADLINE[benchmark.question]
    for pair in benchmark.pairs:
        if (pair.quantity, pair.row.label, pair.reference.label) == (quantity, label, baseline):
            ratio = pair.found["middle"]
            return None if ratio is None else pair.better * math.log(ratio)
    return None
