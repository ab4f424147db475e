"""What tells a runner to stop before its time: signals, and the end of standard input."""

import os
import select
import signal
import stat
from collections.abc import Callable

_STDIN = 0


class Stop:
    """Says when to stop."""

    def __init__(self) -> None:
        """Take over the signals at once, so that one that comes while loading is not lost."""
        self.requested = False
        # What the signal handler calls, to get out of a drain.
        self.when_requested: Callable[[], None] = lambda: None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            mode = os.fstat(_STDIN).st_mode
        except OSError:
            mode = 0  # Closed, which says nothing; the next file that is opened may get its number.
        self._stdin_is_pipe = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)

    def look_at_stdin(self) -> None:
        """Request a stop if a pipe on standard input has ended: who started this runner is gone.

        What arrives on it is ignored: one read a look, so that a flood cannot keep the runner from its work.
        """
        if self._stdin_is_pipe and select.select([_STDIN], [], [], 0)[0] and not os.read(_STDIN, 1 << 20):
            self.requested = True

    def _on_signal(self, _number: int, _frame: object) -> None:
        self.requested = True
        self.when_requested()
