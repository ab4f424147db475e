"""The command line: parses and checks the flags of docs/PROTOCOL.md.

By hand and not with argparse, because the protocol fixes the texts of the errors, and argparse also accepts shortened
flags.
"""

import platform
import re
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

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


class Request(NamedTuple):
    """What the user asked for: `action` is `run`, `help` or `version`; there are options only to run."""

    action: str
    options: Options | None = None


def parse(arguments: list[str]) -> Request:
    """Parse the arguments after the program's name. Raises UsageError."""
    values: dict[str, object] = {}
    pending = list(reversed(arguments))
    while pending:
        spelled, name, attached = _split(pending.pop())
        if name in _SWITCHES:
            if attached is not None:
                raise UsageError(f"`{spelled}` takes no value")
            if name in ("help", "version"):
                return Request(name)
            values[name] = True
            continue
        if attached is None:
            if not pending:
                raise UsageError(f"`{spelled}` needs a value")
            attached = pending.pop()
        flag = _FLAGS[name]
        value = flag.read(attached)
        if value is None:
            raise _invalid(name, attached, flag.expected)
        values[name] = value
    return Request("run", _options(values))


def wants_jsonl(arguments: list[str]) -> bool:
    """Whether a command line that may not parse asks for the protocol, so that its error can be sent there too."""
    wanted = False
    for argument, following in pairwise([*arguments, ""]):
        if argument.startswith("--output="):
            wanted = argument == "--output=jsonl"
        elif argument == "--output":
            wanted = following == "jsonl"
    return wanted


def _split(argument: str) -> tuple[str, str, str | None]:
    """Split an argument into the flag as spelled, the flag's long name and the value attached to it, if any."""
    attached: str | None
    if argument.startswith("--"):
        spelled, equals, value = argument.partition("=")
        name = spelled[2:]
        attached = value if equals else None
        known = name in _SWITCHES or name in _FLAGS
    elif argument.startswith("-") and argument != "-":
        spelled = argument[:2]
        name = _SHORT.get(spelled[1], "")
        attached = argument[2:].removeprefix("=") if len(argument) > 2 else None
        known = bool(name)
    else:
        raise UsageError(f"unexpected argument `{argument}`")
    if not known:
        raise UsageError(f"unknown flag `{spelled}`")
    return spelled, name, attached


def _options(values: dict) -> Options:
    program_type = values.get("program-type", "tracepoint")
    output = values.get("output", "text")
    return Options(
        duration_ns=values.get("duration", 10 * 10**9),
        verbose=values.get("verbose", False),
        output=output,
        program_type=program_type,
        attach_target=_attach_target(program_type, values.get("attach-target")),
        target_pid=values.get("target-pid", 0),
        ring_size=values.get("ring-size", 16 << 20),
        record_size=values.get("record-size", 64),
        batch=values.get("batch", 1),
        wakeup=values.get("wakeup", Wakeup("adaptive")),
        work=values.get("work", 0),
        # The report for a person always shows delays.
        latency=values.get("latency", False) or output == "text",
        cpu=values.get("cpu"),
    )


def _attach_target(program_type: str, target: str | None) -> str:
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
        raise _invalid("attach-target", target, expected)
    return target


def _invalid(name: str, value: object, expected: str) -> UsageError:
    return UsageError(f"invalid value `{value}` for `--{name}`: expected {expected}")


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


class _Flag(NamedTuple):
    """A flag with a value: `read` gives None for a bad one, and `expected` then says what a good one is."""

    read: Callable[[str], object | None]
    expected: str


def _one_of(*choices: str) -> _Flag:
    expected = ", ".join(choices[:-1]) + " or " + choices[-1]
    return _Flag(lambda text: text if text in choices else None, expected)


def _from_to(what: str, lowest: int, highest: int) -> _Flag:
    return _Flag(lambda text: _number(text, lowest, highest), f"{what} from {lowest} to {highest}")


_WAKEUP_EXPECTED = (
    f"adaptive, sampled:BYTES, timer:TIME or none, with BYTES from 1 to {_MAX_BYTES} and TIME from 100us to 1s"
)
_SHORT = {"d": "duration", "v": "verbose", "V": "version", "h": "help"}
_SWITCHES = ("verbose", "latency", "version", "help")
_FLAGS = {
    "duration": _Flag(_duration, "a number of seconds above 0 and at most 1000000"),
    "output": _one_of("text", "jsonl"),
    "program-type": _one_of(*PROGRAM_TYPES),
    # Checked when the program type is known.
    "attach-target": _Flag(lambda text: text, ""),
    "target-pid": _from_to("a process id", 0, 4194304),
    "ring-size": _Flag(_ring_size, f"a power of two from 4096 to {_MAX_BYTES}"),
    "record-size": _Flag(_record_size, "48, 64, 128, 256, 512 or 1024"),
    "batch": _from_to("a whole number", 1, 1000),
    "wakeup": _Flag(_wakeup, _WAKEUP_EXPECTED),
    "work": _from_to("a whole number", 0, 10000),
    "cpu": _from_to("a CPU number", 0, 4095),
}
