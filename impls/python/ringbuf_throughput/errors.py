"""What can go wrong, as the user and the supervisor see it."""

USAGE_HINT = "run `ringbuf_throughput --help` for the flags and their values"

_STATUS = {"usage": 64, "unsupported": 69, "permission": 69, "internal": 70}


class RunnerError(Exception):
    """An expected failure: `kind` decides the exit status, `hint` says what to do about it."""

    def __init__(self, kind: str, message: str, hint: str | None = None) -> None:
        """`kind` is one of the protocol's error kinds."""
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.hint = hint

    @property
    def exit_status(self) -> int:
        """The status that docs/PROTOCOL.md gives to this kind."""
        return _STATUS[self.kind]

    def __str__(self) -> str:
        """The error as standard error shows it."""
        text = f"error: {self.message}\n"
        return f"{text}\nhint: {self.hint}\n" if self.hint else text


class UsageError(RunnerError):
    """A bad command line."""

    def __init__(self, message: str) -> None:
        """Every usage error has the same hint."""
        super().__init__("usage", message, USAGE_HINT)


class Unsupported(RunnerError):
    """This kernel or this system cannot do it."""

    def __init__(self, message: str, hint: str) -> None:
        """An unsupported trial always comes with advice."""
        super().__init__("unsupported", message, hint)
