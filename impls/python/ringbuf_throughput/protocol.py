"""The messages of docs/PROTOCOL.md."""

import json
import os
from typing import NamedTuple

from .errors import RunnerError

VERSION = 2


class Summary(NamedTuple):
    """The last message of a good run. Field names and order are the protocol's."""

    elapsed_ns: int
    attempted: int
    submitted: int
    dropped: int
    dropped_marks: int
    lost: int
    received: int
    bytes: int
    marks: int
    wakeups: int
    latency: str | None


def hello(implementation: str, framework: str, framework_version: str, pid: int) -> str:
    """The first message."""
    return _line(
        "hello",
        protocol_version=VERSION,
        implementation=implementation,
        framework=framework,
        framework_version=framework_version,
        pid=pid,
    )


def ready(
    program_ids: list[int],
    map_ids: list[int],
    load_ns: int,
    attach_ns: int,
    program_type: str,
    attach_target: str,
) -> str:
    """Attached, consumer about to read."""
    return _line(
        "ready",
        program_ids=program_ids,
        map_ids=map_ids,
        load_ns=load_ns,
        attach_ns=attach_ns,
        program_type=program_type,
        attach_target=attach_target,
    )


def counters(t_ns: int, received: int, payload_bytes: int, wakeups: int) -> str:
    """Cumulative, every 100 ms."""
    return _line("counters", t_ns=t_ns, received=received, bytes=payload_bytes, wakeups=wakeups)


def summary(values: Summary) -> str:
    """The result."""
    return _line("summary", **values._asdict())


def error(kind: str, message: str, hint: str | None) -> str:
    """Instead of the summary."""
    return _line("error", kind=kind, message=message, hint=hint)


def _line(message_type: str, **fields: object) -> str:
    return json.dumps({"type": message_type, **fields}, separators=(",", ":"), ensure_ascii=False)


class Output:
    """Where messages go: the standard output that the process was started with, and nothing else goes there."""

    def __init__(self) -> None:
        """Keep standard output for the protocol; what a library prints there goes to standard error from now on."""
        try:
            self._fd = os.dup(1)
            os.dup2(2, 1)
        except OSError as error:
            raise _cannot_write(error) from error

    def line(self, text: str) -> None:
        """Write a line at once. Bytes of a command line that are not UTF-8 are shown as `?`."""
        rest = text.encode("utf-8", errors="replace") + b"\n"
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            raise _cannot_write(error) from error


def _cannot_write(error: OSError) -> RunnerError:
    return RunnerError("internal", f"cannot write to standard output: {error.strerror}")
