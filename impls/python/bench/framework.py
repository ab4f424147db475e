"""BCC itself, and what it, clang and libbpf print on standard error."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

try:
    from bcc import BPF
    from bcc import __version__ as VERSION
except ImportError:
    # The flags and `hello` must do without.
    BPF, VERSION = object, "none"

_STDERR = 2


@contextmanager
def framework_log(*, show: bool) -> Iterator[Callable[[], str]]:
    """Keep it while the block runs, which is given a function that tells it; then show it, if the user asked for it.

    It is the only place that says why: BCC's errors do not tell a bad program from a kernel that lacks something.
    """
    saved = os.dup(_STDERR)
    kept = os.memfd_create("framework-log")
    os.dup2(kept, _STDERR)

    def said() -> str:
        return os.pread(kept, os.fstat(kept).st_size, 0).decode(errors="replace")

    try:
        yield said
    finally:
        os.dup2(saved, _STDERR)
        if show:
            os.write(_STDERR, said().encode())
        os.close(saved)
        os.close(kept)


def online_cpus() -> list[int]:
    """Their numbers, in order."""
    from bcc.utils import get_online_cpus

    return sorted(get_online_cpus())


def possible_cpus() -> int:
    """How many there may be."""
    from bcc.utils import get_possible_cpus

    return max(get_possible_cpus()) + 1
