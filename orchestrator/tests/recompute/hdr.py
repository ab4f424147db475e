"""HdrHistograms in V2 encoding, decoded from the description in docs/FIGURES.md."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from fractions import Fraction

COMPRESSED = 0x1C849314
PLAIN = 0x1C849313
UNIT_WIDTH_BELOW = 2048
HALF = UNIT_WIDTH_BELOW // 2


class Histogram:
    """Counts of buckets, each a pair of its lowest value and its width."""

    def __init__(self) -> None:
        self.buckets: dict[tuple[int, int], int] = {}

    @classmethod
    def decode(cls, text: str) -> Histogram:
        """Reads base64 of a compressed or plain encoding."""
        data = base64.b64decode(text.strip(), validate=True)
        if struct.unpack_from(">I", data)[0] == COMPRESSED:
            length = struct.unpack_from(">I", data, 4)[0]
            data = zlib.decompress(data[8 : 8 + length])
        cookie, length, offset, digits, lowest, highest, _ = struct.unpack_from(">IIIIQQd", data)
        if (cookie, offset, digits, lowest, highest) != (PLAIN, 0, 3, 1, 60_000_000_000):
            raise ValueError(f"not a histogram of delays: {cookie:x} {offset} {digits} {lowest} {highest}")
        histogram = cls()
        index = 0
        for number in zigzag(data[40 : 40 + length]):
            if number < 0:
                index -= number
            else:
                if number:
                    histogram.buckets[bucket(index)] = number
                index += 1
        return histogram

    def add(self, other: Histogram) -> None:
        """Adds another one's counts."""
        for which, count in other.buckets.items():
            self.buckets[which] = self.buckets.get(which, 0) + count

    def samples(self) -> int:
        """All counts."""
        return sum(self.buckets.values())

    def mean(self) -> float | None:
        """Of the buckets' middle values."""
        samples = self.samples()
        if not samples:
            return None
        total = sum((lowest + width // 2) * count for (lowest, width), count in self.buckets.items())
        return float(Fraction(total, samples))

    def largest(self) -> int | None:
        """Highest value of the last bucket."""
        return max((lowest + width - 1 for lowest, width in self.buckets), default=None)

    def percentile(self, p: float, planned: int | None) -> int | None:
        """Null where too few samples support it."""
        samples = self.samples()
        support = samples if planned is None or samples < 0.9 * planned else planned
        if samples == 0 or support < round(10 / (1 - p)):
            return None
        rank = max(1, math.ceil(p * samples))
        for (lowest, width), count in sorted(self.buckets.items()):
            rank -= count
            if rank <= 0:
                return lowest + width - 1
        raise AssertionError("the ranks are counted from the same buckets")


def zigzag(data: bytes) -> list[int]:
    """Signed numbers from ZigZag LEB128; the ninth byte of one has eight bits."""
    numbers = []
    value = shift = 0
    for byte in data:
        if shift == 56:
            value |= byte << shift
        else:
            value |= (byte & 0x7F) << shift
            if byte & 0x80:
                shift += 7
                continue
        numbers.append((value >> 1) ^ -(value & 1))
        value = shift = 0
    return numbers


def bucket(index: int) -> tuple[int, int]:
    """Lowest value and width of the bucket with this place in the encoding."""
    if index < UNIT_WIDTH_BELOW:
        return index, 1
    octave, place = divmod(index - UNIT_WIDTH_BELOW, HALF)
    width = 2 << octave
    return UNIT_WIDTH_BELOW * (1 << octave) + place * width, width
