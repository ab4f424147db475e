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


def message(message_type: str, **fields: object) -> str:
    """The line of a message."""
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
