"""The command line: parses and checks the flags of docs/PROTOCOL.md."""

import platform
import re
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple, NoReturn

from .errors import UsageError

PROGRAM_TYPES = ("tracepoint", "raw_tracepoint", "kprobe", "fentry")
RECORD_SIZES = (48, 64, 128, 256, 512, 1024)
_MAX_BYTES = 1 << 30
_WAKEUPS = f"adaptive, sampled:BYTES from 1 to {_MAX_BYTES}, timer:TIME from 100us to 1s, or none"
# What help says of flags that have no value by default.
_TARGET = "the entry of openat2"
_CPU = "not pinned"
_Read = Callable[[str], object | None]
# `none` is a timer too.
_NO_WAKEUP_INTERVAL_NS = 10_000_000
# How the kernel names the entry of a system call.
_SYSCALL_PREFIXES = {"x86_64": "__x64_", "aarch64": "__arm64_", "riscv64": "__riscv_", "s390x": "__s390x_"}


class Wakeup(NamedTuple):
    """When the consumer is woken: `adaptive`, `sampled` or `timer`; what the last two need, and 0 otherwise."""

    policy: str
    # The backlog that forces a wakeup.
    threshold_bytes: int = 0
    # How long the consumer sleeps when it has found the ring empty.
    interval_ns: int = 0


class Options(NamedTuple):
    """The checked command line. Fields are the flags; times in nanoseconds, sizes in bytes."""

    duration_ns: int
    verbose: bool
    output: str
    program_type: str
    attach_target: str
    target_pid: int
    ring_size: int
    record_size: int
    batch: int
    wakeup: Wakeup
    work: int
    latency: bool
    cpu: int | None


class _Parser(ArgumentParser):
    """Raises what argparse would print and exit with."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def parse(arguments: list[str]) -> Options | str:
    """Parse the arguments after the program's name: into options, or `help` or `version`. Raises UsageError."""
    parser = _parser()
    values = vars(parser.parse_args(arguments))
    for action in ("help", "version"):
        if values.pop(action):
            return action
    values["attach_target"] = _attach_target(parser, values["program_type"], values["attach_target"])
    # The report for a person always shows delays.
    values["latency"] |= values["output"] == "text"
    return Options(**values)


def help_text() -> str:
    """The output of `--help`."""
    return _parser().format_help()


def wants_jsonl(arguments: list[str]) -> bool:
    """Whether a command line that may not parse asks for the protocol, so that its error can be sent there too."""
    wanted = False
    for argument, following in pairwise([*arguments, ""]):
        if argument.startswith("--output="):
            wanted = argument == "--output=jsonl"
        elif argument == "--output":
            wanted = following == "jsonl"
    return wanted


def _parser() -> _Parser:
    parser = _Parser(
        prog="ringbuf_throughput",
        description="Counts and checks ring buffer events from a BPF program on openat2",
        epilog="Exit status: 0 good, 64 bad flags, 69 this kernel or these privileges cannot do it, 70 bug.\n"
        "The messages of `--output jsonl` are described in docs/PROTOCOL.md.",
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )

    def switch(names: str, what: str) -> None:
        parser.add_argument(*names.split(), action="store_true", help=what)

    def value(names: str, metavar: str, read: _Read, expected: str, what: str, default: object, **more: object) -> None:
        """`read` gives None for a bad value, and `expected` then says what a good one is."""

        def checked(text: str) -> object:
            if (good := read(text)) is None:
                raise ArgumentTypeError(f"invalid value `{text}`: expected {expected}")
            return good

        what = f"{what}: {expected} [default: {default}]"
        default = None if default in (_TARGET, _CPU) else default
        parser.add_argument(*names.split(), metavar=metavar, type=checked, default=default, help=what, **more)

    value(
        "-d --duration",
        "SECONDS",
        _duration,
        "above 0, at most 1000000",
        "Stop after this time",
        "10",
        dest="duration_ns",
    )
    switch("-v --verbose", "Show progress and the framework's own log on standard error")
    value("--output", "FORMAT", _one_of("text", "jsonl"), "text or jsonl", "For a person or for a supervisor", "text")
    value(
        "--program-type", "TYPE", _one_of(*PROGRAM_TYPES), ", ".join(PROGRAM_TYPES), "Of the BPF program", "tracepoint"
    )
    value("--attach-target", "TARGET", str, "where the program type can be", "Where to attach it", _TARGET)
    value("--target-pid", "PID", _from_to(0, 4194304), "0 to 4194304", "Count this process only, 0 for every one", 0)
    value(
        "--ring-size", "BYTES", _ring_size, f"a power of two, 4096 to {_MAX_BYTES}", "Size of the ring buffer", 16 << 20
    )
    value("--record-size", "BYTES", _record_size, "48, 64, 128, 256, 512 or 1024", "Size of a record", 64)
    value("--batch", "N", _from_to(1, 1000), "1 to 1000", "Records per trigger", 1)
    value("--wakeup", "POLICY", _wakeup, _WAKEUPS, "When the consumer is woken", "adaptive")
    value("--work", "N", _from_to(0, 10000), "0 to 10000", "Rounds of extra work per trigger", 0)
    switch("--latency", "Record the delay of each event (always on with text output)")
    value("--cpu", "N", _from_to(0, 4095), "0 to 4095", "Pin the runner to this CPU", _CPU)
    switch("-V --version", "Print the versions")
    switch("-h --help", "Print this help")
    return parser


def _attach_target(parser: _Parser, program_type: str, target: str | None) -> str:
    """The target, or the program type's default. What it may be depends on the program type."""
    if program_type == "tracepoint":
        pattern = r"[A-Za-z0-9_-]+/[A-Za-z0-9_-]+"
        expected = "CATEGORY/NAME, such as syscalls/sys_enter_openat2"
        default = "syscalls/sys_enter_openat2"
    elif program_type == "raw_tracepoint":
        pattern = default = "sys_enter"
        expected = "sys_enter, the only raw tracepoint that the program can read"
    else:
        pattern = r"[A-Za-z_][A-Za-z0-9_.]*"
        expected = "the name of a kernel function"
        default = _SYSCALL_PREFIXES.get(platform.machine(), "") + "sys_openat2"
    if target is None:
        return default
    if not re.fullmatch(pattern, target):
        parser.error(f"argument --attach-target: invalid value `{target}`: expected {expected}")
    return target


def _number(text: str, lowest: int, highest: int) -> int | None:
    """Read plain decimal digits: unlike int(), no sign, blanks, underscores or other scripts' digits."""
    if not re.fullmatch("[0-9]{1,20}", text):
        return None
    return value if lowest <= (value := int(text)) <= highest else None


def _duration(text: str) -> int | None:
    """Read seconds as nanoseconds. What is too short to count is one nanosecond."""
    if not re.fullmatch(r"[0-9]{1,20}(\.[0-9]+)?", text) or not text.strip("0."):
        return None
    whole, _, fraction = text.partition(".")
    nanoseconds = int(whole) * 10**9 + int(fraction[:9].ljust(9, "0"))
    return max(nanoseconds, 1) if nanoseconds <= 10**15 else None


def _ring_size(text: str) -> int | None:
    size = _number(text, 4096, _MAX_BYTES)
    return size if size and size & (size - 1) == 0 else None


def _record_size(text: str) -> int | None:
    size = _number(text, RECORD_SIZES[0], RECORD_SIZES[-1])
    return size if size in RECORD_SIZES else None


def _wakeup(text: str) -> Wakeup | None:
    policy, colon, parameter = text.partition(":")
    if text == "none":
        return Wakeup("timer", interval_ns=_NO_WAKEUP_INTERVAL_NS)
    if policy == "sampled":
        threshold = _number(parameter, 1, _MAX_BYTES)
        return Wakeup(policy, threshold_bytes=threshold) if threshold else None
    if policy == "timer":
        interval_ns = _interval(parameter)
        return Wakeup(policy, interval_ns=interval_ns) if interval_ns else None
    return Wakeup(policy) if policy == "adaptive" and not colon else None


def _interval(text: str) -> int | None:
    """Read a whole number and its unit as nanoseconds."""
    match = re.fullmatch("([0-9]{1,20})(us|ms|s)", text)
    if not match:
        return None
    interval_ns = int(match[1]) * {"us": 10**3, "ms": 10**6, "s": 10**9}[match[2]]
    return interval_ns if 100_000 <= interval_ns <= 10**9 else None


def _from_to(lowest: int, highest: int) -> _Read:
    return lambda text: _number(text, lowest, highest)


def _one_of(*choices: str) -> _Read:
    return lambda text: text if text in choices else None
