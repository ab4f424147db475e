"""Delays as a HdrHistogram.

`hdrh` needs several calls in Python to record a value, which costs a multiple of what delivering a record costs. So
the callback finds the value's slot itself, as `slot` does, in a list that has the order of the histogram's counts;
`hdrh` gets the counts once, at the end.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hdrh.histogram import HdrHistogram

HIGHEST_NS = 60_000_000_000

# With three significant digits and a lowest value of 1, the format has 2,048 slots of width 1, then 1,024 for each
# further power of two, each twice as wide as before.
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


def histogram(counts: list[int]) -> "HdrHistogram":
    """The finished histogram. Raises ImportError where the package is missing."""
    # Here, because most runs do not need it, and it takes time and memory.
    from hdrh.histogram import HdrHistogram

    delays = HdrHistogram(1, HIGHEST_NS, 3)
    for index, count in enumerate(counts):
        if count:
            delays.record_value(delays.get_value_from_index(index), count)
    return delays
