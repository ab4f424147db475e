"""The command line."""

import os
import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from ..types import TYPES
from .messages import RunnerError

_MAX_BYTES = 1 << 30
_RING_SIZES = f"a power of two, 4096 to {_MAX_BYTES}"
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
    parser = _parser()
    parser.parse_args(arguments, flags)
    kind = TYPES[flags.program_type]
    if flags.attach_target is None:
        flags.attach_target = kind.default_target
    elif not re.fullmatch(kind.pattern, flags.attach_target):
        parser.error(f"argument --attach-target: {_invalid(flags.attach_target, kind.expected)}")
    # The report for a person always shows delays.
    flags.latency |= flags.output == "text"
    return parser.format_help().rstrip("\n")


def _parser() -> _Parser:
    parser = _Parser(
        prog="ringbuf_throughput",
        description="Counts and checks ring buffer events from a BPF program on openat2",
        epilog="Exit status: 0 good, 64 bad flags, 69 this kernel or these privileges cannot do it, 70 bug.",
        allow_abbrev=False,
        add_help=False,
    )
    add = parser.add_argument

    def value(names: str, metavar: str, read: Callable[[str], object], default: object, what: str, **more: str) -> None:
        what += "" if default is None else " [default: %(default)s]"
        add(*names.split(), metavar=metavar, type=read, default=default, help=what, **more)

    value("-d --duration", "SECONDS", _duration, "10", "Stop after this time", dest="duration_ns")
    add("-v", "--verbose", action="store_true", help="Show progress and the framework's own log on standard error")
    add("--output", choices=("text", "jsonl"), default="text", help="For a person, or for a supervisor")
    add("--program-type", choices=TYPES, default="tracepoint", help="Of the BPF program")
    value("--attach-target", "TARGET", str, None, "Where to attach it; by default the entry of openat2")
    value("--target-pid", "PID", _between(0, 4194304), 0, "Count this process only, 0 for every one")
    value("--ring-size", "BYTES", _ring_size, 16 << 20, f"Size of the ring buffer: {_RING_SIZES}")
    value("--record-size", "BYTES", _between(48, 1024), 64, "Size of a record", choices=(48, 64, 128, 256, 512, 1024))
    value("--batch", "N", _between(1, 1000), 1, "Records per trigger: 1 to 1000")
    value("--wakeup", "POLICY", _wakeup, "adaptive", f"When the consumer is woken: {_WAKEUPS}")
    value("--work", "N", _between(0, 10000), 0, "Rounds of extra work per trigger: 0 to 10000")
    add("--latency", action="store_true", help="Record the delay of each event (always on with text output)")
    value("--cpu", "N", _cpu, None, "Pin the runner to this CPU")
    add("-V", "--version", action="store_true", help="Print the versions")
    add("-h", "--help", action="store_true", help="Print this help")
    return parser


def _invalid(text: str, expected: str) -> str:
    return f"invalid value `{text}`: expected {expected}"


def _between(lowest: int, highest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        # Unlike int(), no sign, blanks, underscores or other scripts' digits.
        if re.fullmatch("[0-9]{1,20}", text) and lowest <= int(text) <= highest:
            return int(text)
        raise ArgumentTypeError(_invalid(text, f"{lowest} to {highest}"))

    return number


def _duration(text: str) -> int:
    """Seconds as nanoseconds. What is too short to count is one."""
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) and 0 < float(text) <= 1_000_000:
        return max(round(float(text) * 1e9), 1)
    raise ArgumentTypeError(_invalid(text, "above 0, at most 1000000"))


def _ring_size(text: str) -> int:
    size = _between(4096, _MAX_BYTES)(text)
    if size & (size - 1):
        raise ArgumentTypeError(_invalid(text, _RING_SIZES))
    return size


def _wakeup(text: str) -> Wakeup:
    if text == "adaptive":
        return Wakeup(text)
    # `none` is a timer too.
    found = re.fullmatch("(sampled|timer):([0-9]{1,20})(|us|ms|s)", "timer:10ms" if text == "none" else text)
    if found:
        policy, number, unit = found[1], int(found[2]), found[3]
        if policy == "sampled" and not unit and 1 <= number <= _MAX_BYTES:
            return Wakeup(policy, threshold_bytes=number)
        interval_ns = number * {"": 0, "us": 10**3, "ms": 10**6, "s": 10**9}[unit]
        if policy == "timer" and 100_000 <= interval_ns <= 10**9:
            return Wakeup(policy, interval_ns=interval_ns)
    raise ArgumentTypeError(_invalid(text, _WAKEUPS))


def _cpu(text: str) -> int:
    cpu = _between(0, 4095)(text)
    # Asked, not tried: the kernel would also widen what a supervisor has set.
    if cpu not in os.sched_getaffinity(0):
        raise ArgumentTypeError(f"invalid value `{text}`: this process may not run on that CPU")
    return cpu
