"""Distributions, intervals and corrections, each from its definition."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction


def median(values: list[float]) -> float:
    """The middle value, or the mean of the two in the middle."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def incomplete_beta(x: float, a: float, b: float) -> float:
    """Regularised, by Lentz's continued fraction (Numerical Recipes 6.4)."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(1 - x, b, a)
    front = math.exp(a * math.log(x) + b * math.log1p(-x) - math.lgamma(a) - math.lgamma(b) + math.lgamma(a + b)) / a
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    fraction = d
    for m in range(1, 1000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + term * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + term / c
            c = c if abs(c) > tiny else tiny
            change = c * d
            fraction *= change
        if abs(change - 1) < 1e-16:
            break
    return front * fraction


def two_sided_t(t: float, degrees: int) -> float:
    """Probability that Student's t is at least so far from 0."""
    return incomplete_beta(degrees / (degrees + t * t), degrees / 2, 0.5)


def sign_flip(differences: list[float]) -> float | None:
    """Share of all patterns of signs whose sum is at least as far from 0 as the observed one."""
    if not differences or len(differences) > 40:
        return None
    scale = math.fsum(abs(difference) for difference in differences)
    limit = abs(math.fsum(differences)) - scale * 1e-12
    if limit <= 0:
        return 1.0
    if len(differences) > 20:
        return None
    patterns = itertools.product((1, -1), repeat=len(differences))
    sums = (math.fsum(s * d for s, d in zip(pattern, differences, strict=True)) for pattern in patterns)
    return sum(abs(total) >= limit for total in sums) / 2 ** len(differences)


def median_interval(values: list[float], confidence: float, fewest: int) -> tuple[float, float] | None:
    """Of Hettmansperger and Sheather (1986): between two neighbouring pairs of order statistics."""
    ordered, n = sorted(values), len(values)
    if n < fewest:
        return None

    def coverage(depth: int) -> Fraction:
        """How often the median lies between the values with this depth from both ends, from 1."""
        return 1 - Fraction(2 * sum(math.comb(n, heads) for heads in range(depth)), 2**n)

    wanted = Fraction(str(confidence))
    depth = max([depth for depth in range(1, n // 2 + 1) if coverage(depth) >= wanted], default=1)
    if coverage(depth) < wanted or 2 * (depth + 1) > n + 1:
        return ordered[depth - 1], ordered[n - depth]
    share = float((coverage(depth) - wanted) / (coverage(depth) - coverage(depth + 1)))
    weight = (n - depth) * share / (depth + (n - 2 * depth) * share)
    low = (1 - weight) * ordered[depth - 1] + weight * ordered[depth]
    high = (1 - weight) * ordered[n - depth] + weight * ordered[n - depth - 1]
    return low, high


def partitions(total: int, largest: int | None = None) -> Iterator[list[int]]:
    """All ways to write a number as a sum of smaller ones."""
    if total == 0:
        yield []
    for first in range(min(total, largest or total), 0, -1):
        for others in partitions(total - first, first):
            yield [first, *others]


def stepped_down(p_values: list[float], factors: list[int]) -> list[float]:
    """Each p-value times the factor of its rank, and never below that of a smaller one."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [1.0] * len(p_values)
    for rank, index in enumerate(order):
        adjusted[index] = min(1.0, max(p_values[order[below]] * factors[below] for below in range(rank + 1)))
    return adjusted


def holm(p_values: list[float]) -> list[float]:
    """Holm (1979)."""
    return stepped_down(p_values, [len(p_values) - rank for rank in range(len(p_values))])


def shaffer(p_values: list[float], things: int) -> list[float]:
    """Shaffer (1986), S1: of all pairs of things not every number can be equal at once."""
    possible = {sum(math.comb(size, 2) for size in sizes) for sizes in partitions(things)} - {0}
    factors = []
    for rank in range(len(p_values)):
        left = len(p_values) - rank
        factors.append(max((count for count in possible if count <= left), default=left))
    return stepped_down(p_values, factors)


def letters(apart: list[list[bool]]) -> list[str]:
    """Compact letter display of items, best first: a letter is a largest set without two items that are apart."""
    items = range(len(apart))

    def is_set(members: tuple[int, ...]) -> bool:
        return not any(apart[a][b] for a, b in itertools.combinations(members, 2))

    sets = [members for size in items for members in itertools.combinations(items, size + 1) if is_set(members)]
    largest = sorted(members for members in sets if not any(set(members) < set(other) for other in sets))
    names = [
        chr(ord("a") + number % 26) + ("" if number < 26 else str(number // 26 + 1)) for number in range(len(largest))
    ]
    return ["".join(name for name, members in zip(names, largest, strict=True) if item in members) for item in items]
