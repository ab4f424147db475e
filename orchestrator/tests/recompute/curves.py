"""What attaching adds, and what is fitted to a curve, written from docs/FIGURES.md."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from arithmetic import median, median_interval
from rows import FEWEST, Row, is_usable, value

Points = list[tuple[float, float]]
# A benchmark's question, the quantity that answers it, and its rows.
Answered = tuple[str, str, list[Row]]

LINE = ("capacity", "cost", "run_time", "complexity", "memory_usage", "start_up")
USL = ("scalability",)
FEWEST_OF_LINE = 3
FEWEST_OF_USL = 6

NOTHING = "(nothing)"


def coefficient(values: list[float], confidence: float) -> dict[str, float | None]:
    """A median over the blocks with its interval."""
    low, high = median_interval(values, confidence, FEWEST) or (None, None)
    return {"value": median(values), "low": low, "high": high}


def added(trials: list[dict[str, Any]], benchmark: int, confidence: float) -> list[dict[str, Any]]:
    """What a trigger costs more than in the same block with nothing attached."""
    costs: dict[str, dict[int, float]] = {}
    for trial in trials:
        planned, measurement = trial["planned"], trial["measurement"]
        if planned["benchmark"] == benchmark and is_usable(measurement):
            cost = value(measurement, "load_ns_per_trigger")
            if cost is not None:
                costs.setdefault(planned["label"], {})[planned["block"]] = cost
    bare = costs.pop(NOTHING, {})
    found = []
    for label, by_block in costs.items():
        both = sorted(by_block.keys() & bare.keys())
        if both:
            of_all = coefficient([by_block[block] - bare[block] for block in both], confidence)
            middle = of_all.pop("value")
            found.append({"label": label, "blocks": len(both), "ns_per_trigger": middle, **of_all})
    return found


def determinant(matrix: list[list[Fraction]]) -> Fraction:
    """By the first row (Laplace)."""
    if not matrix:
        return Fraction(1)
    without = [[row[:column] + row[column + 1 :] for row in matrix[1:]] for column in range(len(matrix))]
    terms = [(-1) ** column * each * determinant(without[column]) for column, each in enumerate(matrix[0])]
    return sum(terms, Fraction(0))


def weighted(columns: list[list[float]], targets: list[float]) -> list[Fraction] | None:
    """The factors of columns for which the squares of (their sum - target) / target add up to the least, exactly."""
    scaled = [[Fraction(each) / Fraction(y) for each, y in zip(column, targets, strict=True)] for column in columns]
    normal = [[sum((a * b for a, b in zip(p, q, strict=True)), Fraction(0)) for q in scaled] for p in scaled]
    right = [sum(column, Fraction(0)) for column in scaled]
    whole = determinant(normal)
    if whole == 0:
        return None

    def instead(place: int) -> list[list[Fraction]]:
        """With the right side in place of a column (Cramer)."""
        return [[*row[:place], of_right, *row[place + 1 :]] for row, of_right in zip(normal, right, strict=True)]

    return [determinant(instead(place)) / whole for place in range(len(columns))]


def line(points: Points) -> dict[str, float] | None:
    """y = at_zero + slope x."""
    if len(points) < FEWEST_OF_LINE:
        return None
    found = weighted([[1.0] * len(points), [x for x, _ in points]], [y for _, y in points])
    return None if found is None else {"at_zero": float(found[0]), "slope": float(found[1])}


def usl(points: Points) -> dict[str, float] | None:
    """y = single x / (1 + contention (x - 1) + coherence x (x - 1)), which is a plane in x / y."""
    if len(points) < FEWEST_OF_USL:
        return None
    columns = [[1.0] * len(points), [x - 1 for x, _ in points], [x * (x - 1) for x, _ in points]]
    found = weighted(columns, [x / y for x, y in points])
    if found is None or found[0] <= 0:
        return None
    first, second, third = found
    return {"single": float(1 / first), "contention": float(second / first), "coherence": float(third / first)}


def says(law: dict[str, float], x: float) -> float:
    """What a law gives for a value of the setting."""
    if "slope" in law:
        return law["at_zero"] + law["slope"] * x
    return law["single"] * x / (1 + law["contention"] * (x - 1) + law["coherence"] * x * (x - 1))


# What of its values a line is fitted over, where it is not the values.
INVERSE = ("keep_one_in",)


def fit(question: str, blocks: list[Points], confidence: float) -> dict[str, Any] | None:
    """Of a row, over the blocks that have all of its points."""
    name, law = ("line", line) if question in LINE else ("usl", usl) if question in USL else ("", None)
    if law is None or not blocks:
        return None
    of_blocks = [law(points) for points in blocks]
    known = [each for each in of_blocks if each is not None]
    if len(known) < len(of_blocks):
        return None
    together = {key: coefficient([each[key] for each in known], confidence) for key in known[0]}
    middle = {key: each["value"] or 0.0 for key, each in together.items()}
    points = [(column[0][0], median([y for _, y in column])) for column in zip(*blocks, strict=True)]
    worst = max(abs(y / says(middle, x) - 1) for x, y in points)
    return {"blocks": len(blocks), "law": name, **together, "worst": worst}


def curves(plan: dict[str, Any], benchmarks: list[Answered], confidence: float) -> list[dict[str, Any]]:
    """All of a run, in the order of their first points."""
    series: dict[str, list[tuple[float, int]]] = {}
    for index, benchmark in enumerate(plan["benchmarks"]):
        if benchmark.get("point"):
            series.setdefault(benchmark["point"]["series"], []).append((benchmark["point"]["x"], index))
    found = []
    for name, unsorted in series.items():
        first = unsorted[0][1]
        points = sorted(unsorted)
        question, headline, _ = benchmarks[first]
        axis = plan["benchmarks"][first]["point"]["axis"]
        rows = [(x, row) for x, index in points for row in benchmarks[index][2]]
        fits = []
        for label in dict.fromkeys(row.label for _, row in rows):
            over = [(1 / x if axis in INVERSE else x, row) for x, row in rows if row.label == label]
            values = [(x, row.values(headline)) for x, row in over]
            blocks = sorted({block for _, by_block in values for block in by_block})
            of_blocks = [
                [(x, by_block[block]) for x, by_block in values if by_block.get(block, 0) > 0] for block in blocks
            ]
            whole = [block for block in of_blocks if len(block) == len(points)]
            of_row = fit(question, whole, confidence)
            if of_row is not None:
                fits.append({"label": label, **of_row})
        found.append(
            {
                "series": name,
                "question": question,
                "axis": axis,
                "points": [{"x": x, "benchmark": index} for x, index in points],
                "fits": fits,
            }
        )
    return found
