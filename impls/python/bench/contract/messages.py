"""What a runner says to its supervisor, and how it fails."""

import json
import os

VERSION = 2
EXIT_STATUS = {"usage": 64, "unsupported": 69, "permission": 69, "internal": 70}


class RunnerError(Exception):
    """An expected failure: `kind` decides the exit status, `hint` says what to do about it."""

    def __init__(self, kind: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.hint = hint


class Output:
    """The standard output that the process was started with; nothing else goes there."""

    def __init__(self) -> None:
        """Keep it; what a library prints on standard output goes to standard error from now on."""
        self.jsonl = False
        try:
            self._fd = os.dup(1)
            os.dup2(2, 1)
        except OSError as error:
            raise _cannot_write(error) from error

    def message(self, message_type: str, **fields: object) -> None:
        """Say it to the supervisor, if there is one."""
        if self.jsonl:
            self.line(json.dumps({"type": message_type, **fields}, separators=(",", ":"), ensure_ascii=False))

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
