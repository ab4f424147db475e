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

    def flag(*names: str, **how: object) -> None:
        if "default" in how:
            how["help"] += f" [default: {how['default']}]"
        parser.add_argument(*names, **how)

    flag(
        "-d",
        "--duration",
        dest="duration_ns",
        metavar="SECONDS",
        type=_DURATION,
        default="10",
        help="Stop after this many seconds",
    )
    flag("-v", "--verbose", action="store_true", help="Show progress and the framework's own log on standard error")
    flag("--output", choices=("text", "jsonl"), default="text", help="text for a person or jsonl for a supervisor")
    flag("--program-type", choices=PROGRAM_TYPES, default="tracepoint", help="Type of the BPF program")
    flag("--attach-target", metavar="TARGET", help="Where to attach the program [default: the entry of openat2]")
    flag(
        "--target-pid",
        metavar="PID",
        type=_from_to(0, 4194304),
        default=0,
        help="Count only this process; 0 counts every process",
    )
    flag(
        "--ring-size",
        metavar="BYTES",
        type=_RING_SIZE,
        default=16 << 20,
        help="Size of the ring buffer, a power of two from 4096",
    )
    flag("--record-size", metavar="BYTES", type=_RECORD_SIZE, default=64, help="48, 64, 128, 256, 512 or 1024")
    flag("--batch", metavar="N", type=_from_to(1, 1000), default=1, help="Records per trigger, 1 to 1000")
    flag(
        "--wakeup",
        metavar="POLICY",
        type=_WAKEUP,
        default="adaptive",
        help="adaptive, sampled:BYTES, timer:TIME or none",
    )
    flag(
        "--work",
        metavar="N",
        type=_from_to(0, 10000),
        default=0,
        help="Rounds of extra work in the BPF program per trigger, 0 to 10000",
    )
    flag("--latency", action="store_true", help="Record the delay of each event (always on with text output)")
    flag("--cpu", metavar="N", type=_from_to(0, 4095), help="Pin the runner to this CPU [default: not pinned]")
    flag("-V", "--version", action="store_true", help="Print the versions")
    flag("-h", "--help", action="store_true", help="Print this help")
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


def _checked(read: Callable[[str], object | None], expected: str) -> Callable[[str], object]:
    """What argparse calls with a value; `read` gives None for a bad one."""

    def convert(text: str) -> object:
        value = read(text)
        if value is None:
            raise ArgumentTypeError(f"invalid value `{text}`: expected {expected}")
        return value

    return convert


def _from_to(lowest: int, highest: int) -> Callable[[str], object]:
    return _checked(lambda text: _number(text, lowest, highest), f"a whole number from {lowest} to {highest}")


_DURATION = _checked(_duration, "a number of seconds above 0 and at most 1000000")
_RING_SIZE = _checked(_ring_size, f"a power of two from 4096 to {_MAX_BYTES}")
_RECORD_SIZE = _checked(_record_size, "48, 64, 128, 256, 512 or 1024")
_WAKEUP = _checked(
    _wakeup,
    f"adaptive, sampled:BYTES, timer:TIME or none, with BYTES from 1 to {_MAX_BYTES} and TIME from 100us to 1s",
)
