"""What tells a runner to stop before its time: signals, and the end of standard input."""

import os
import select
import signal
import stat
from collections.abc import Callable

_STDIN = 0
_CHUNK = 65536
# So that a flooded standard input cannot keep the runner from its work.
_CHUNKS_A_TICK = 16


class Stop:
    """Says when to stop."""

    def __init__(self) -> None:
        """Take over SIGINT and SIGTERM at once, so that one that comes while loading is not lost."""
        self.requested = False
        self._when_requested: Callable[[], None] | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        mode = _stdin_mode()
        self._poll: select.poll | None = None
        if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
            self._poll = select.poll()
            self._poll.register(_STDIN, select.POLLIN)

    def when_requested(self, action: Callable[[], None]) -> None:
        """Have the signal handler call `action`, to get out of a drain."""
        self._when_requested = action

    def disregard_signals(self) -> None:
        """Once stopping has begun it is not to be disturbed; what is left to do ends by itself."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)

    def look_at_stdin(self) -> None:
        """Request a stop if a pipe on standard input has ended: who started this runner is gone.

        What arrives on it is ignored.
        """
        if self._poll is None:
            return
        for _ in range(_CHUNKS_A_TICK):
            if not self._poll.poll(0):
                return
            if not os.read(_STDIN, _CHUNK):
                self.requested = True
                return

    def _on_signal(self, _number: int, _frame: object) -> None:
        self.requested = True
        if self._when_requested:
            self._when_requested()


def _stdin_mode() -> int:
    """The type of standard input; that of nothing in particular when it is closed."""
    try:
        return os.fstat(_STDIN).st_mode
    except OSError:
        return 0
