"""The command line."""

import os
import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from ..types import TYPES
from .messages import RunnerError

_MAX_BYTES = 1 << 30
_WAKEUPS = f"adaptive, sampled:BYTES from 1 to {_MAX_BYTES}, timer:TIME from 100us to 1s, or none"


class Wakeup(NamedTuple):
    """When the consumer is woken: `adaptive`, `sampled` or `timer`; what the last two need, and 0 otherwise."""

    policy: str
    # The backlog that forces a wakeup.
    threshold_bytes: int = 0
    # How long the consumer sleeps when it has found the ring empty.
    interval_ns: int = 0


class _Parser(ArgumentParser):
    """Raises what argparse would print and exit with."""

    def error(self, message: str) -> NoReturn:
        raise RunnerError("usage", message, f"run `{self.prog} --help` for the flags and their values")


def parse(arguments: list[str], flags: Namespace) -> str:
    """Fill in the flags, and return the help. After a mistake, which is a RunnerError, those before it are filled in.

    Times are in nanoseconds, sizes in bytes.
    """
    parser = _Parser(
        prog="ringbuf_throughput",
        description="Counts and checks ring buffer events from a BPF program on openat2",
        epilog="Exit status: 0 good, 64 bad flags, 69 this kernel or these privileges cannot do it, 70 bug.",
        allow_abbrev=False,
        add_help=False,
    )
    add = parser.add_argument
    add("-d", "--duration", dest="duration_ns", metavar="SECONDS", type=_duration, default="10", help="10 by default")
    add("-v", "--verbose", action="store_true", help="show progress and the framework's own log on standard error")
    add("--output", choices=("text", "jsonl"), default="text", help="for a person (default) or for a supervisor")
    add("--program-type", choices=TYPES, default="tracepoint", help="tracepoint by default")
    add("--attach-target", metavar="TARGET", help="where to attach it; by default the entry of openat2")
    add("--target-pid", metavar="PID", type=_whole(0, 4194304), default=0, help="count only this process")
    sizes = {"type": _whole(4096, _MAX_BYTES), "choices": [1 << bits for bits in range(12, 31)]}
    add("--ring-size", metavar="BYTES", **sizes, default=16 << 20, help="a power of two; 16777216 by default")
    sizes = {"type": _whole(48, 1024), "choices": (48, 64, 128, 256, 512, 1024)}
    add("--record-size", metavar="BYTES", **sizes, default=64, help="48, 64 (default), 128, 256, 512 or 1024")
    add("--batch", metavar="N", type=_whole(1, 1000), default=1, help="records per trigger, 1 (default) to 1000")
    add("--wakeup", metavar="POLICY", type=_wakeup, default="adaptive", help=f"of the consumer: {_WAKEUPS}")
    add("--work", metavar="N", type=_whole(0, 10000), default=0, help="rounds of extra work, 0 (default) to 10000")
    add("--keep-one-in", metavar="N", type=_whole(1, 1000), default=1, help="only multiples of it as cookies, to 1000")
    add("--lookups", metavar="N", type=_whole(0, 100), default=0, help="in a hash map, per trigger, 0 (default) to 100")
    add("--rings", choices=("one", "cpu"), default="one", help="one ring buffer, or one for each cpu")
    add("--consumers", choices=("one", "ring"), default="one", help="one thread that reads, or one for each ring")
    add("--latency", action="store_true", help="record the delay of each event (always on with text output)")
    add("--cpu", metavar="N", type=_cpu, help="pin the runner to this CPU")
    add("-V", "--version", action="store_true", help="print the versions")
    add("-h", "--help", action="store_true", help="print this help")
    parser.parse_args(arguments, flags)
    kind = TYPES[flags.program_type]
    if flags.attach_target is None:
        flags.attach_target = kind.default_target
    elif not re.fullmatch(kind.pattern, flags.attach_target):
        parser.error(f"argument --attach-target: invalid value `{flags.attach_target}`: expected {kind.expected}")
    # The report for a person always shows delays.
    flags.latency |= flags.output == "text"
    return parser.format_help().rstrip("\n")


def _invalid(text: str, expected: str) -> ArgumentTypeError:
    return ArgumentTypeError(f"invalid value `{text}`: expected {expected}")


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        # Unlike int(), no sign, blanks, underscores or other scripts' digits.
        if re.fullmatch("[0-9]{1,20}", text) and lowest <= int(text) <= highest:
            return int(text)
        raise _invalid(text, f"{lowest} to {highest}")

    return number


def _duration(text: str) -> int:
    """Seconds as nanoseconds. What is too short to count is one."""
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) and 0 < float(text) <= 1_000_000:
        return max(round(float(text) * 1e9), 1)
    raise _invalid(text, "above 0, at most 1000000")


def _wakeup(text: str) -> Wakeup:
    policy, _, amount = ("timer:10ms" if text == "none" else text).partition(":")
    if text == "adaptive":
        return Wakeup(text)
    if policy == "sampled" and re.fullmatch("[0-9]{1,10}", amount) and 1 <= int(amount) <= _MAX_BYTES:
        return Wakeup(policy, threshold_bytes=int(amount))
    if policy == "timer" and (time := re.fullmatch("([0-9]{1,7})(us|ms|s)", amount)):
        interval_ns = int(time[1]) * {"us": 10**3, "ms": 10**6, "s": 10**9}[time[2]]
        if 100_000 <= interval_ns <= 10**9:
            return Wakeup(policy, interval_ns=interval_ns)
    raise _invalid(text, _WAKEUPS)


def _cpu(text: str) -> int:
    cpu = _whole(0, 4095)(text)
    # Asked, not tried: the kernel would also widen what a supervisor has set.
    if cpu not in os.sched_getaffinity(0):
        raise ArgumentTypeError(f"invalid value `{text}`: this process may not run on that CPU")
    return cpu
