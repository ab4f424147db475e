"""Delays as a HdrHistogram.

`hdrh` records in Python, several method calls a value, which costs a multiple of what delivering a record costs. So
the callback finds the value's slot itself, with the two expressions of `slot`, in a list that has the same order as
the histogram's counts; `hdrh` gets the counts once, at the end, and encodes them.
"""

import sys
from collections.abc import Iterable

from .errors import Unsupported

LOWEST_NS = 1
HIGHEST_NS = 60_000_000_000
SIGNIFICANT_DIGITS = 3

# With three digits and a lowest value of 1, the format has 2,048 slots of width 1, then 1,024 for each further power of
# two, each twice as wide as before.
SUB_BUCKET_BITS = 11
HALF_BITS = SUB_BUCKET_BITS - 1
SUB_BUCKET_MASK = (1 << SUB_BUCKET_BITS) - 1


def slot(delay_ns: int) -> int:
    """The place of a delay from 0 to HIGHEST_NS in the counts. The callback repeats these lines to save the call."""
    bucket = (delay_ns | SUB_BUCKET_MASK).bit_length() - SUB_BUCKET_BITS
    return (bucket << HALF_BITS) + (delay_ns >> bucket)


def empty_counts() -> list[int]:
    """A zero for each slot."""
    return [0] * (slot(HIGHEST_NS) + 1)


class Histogram:
    """The finished histogram."""

    def __init__(self, counts: Iterable[int]) -> None:
        """Take over the counts, in the order of `slot`."""
        # Here, because most runs do not need it and it takes time to import.
        try:
            from hdrh.histogram import HdrHistogram
        except ImportError as error:
            raise Unsupported(
                f"recording delays needs the Python package `hdrhistogram`, which `{sys.executable}` does not have",
                "run `make build`",
            ) from error
        self._histogram = HdrHistogram(LOWEST_NS, HIGHEST_NS, SIGNIFICANT_DIGITS)
        for index, count in enumerate(counts):
            if count:
                self._histogram.record_value(self._histogram.get_value_from_index(index), count)

    def encode(self) -> str:
        """V2 compressed, base64."""
        return self._histogram.encode().decode("ascii")

    def percentiles(self) -> "Percentiles | None":
        """What the report shows; None when no delay was recorded."""
        if not self._histogram.get_total_count():
            return None
        wanted = (50, 95, 99, 99.9, 100)
        found = self._histogram.get_percentile_to_value_dict(list(wanted))
        return tuple(found[percent] for percent in wanted)


# P50, P95, P99, P99.9 and the highest, in nanoseconds.
Percentiles = tuple[int, ...]
