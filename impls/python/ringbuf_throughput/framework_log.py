"""What BCC, clang and libbpf print on standard error."""

import os
import re
from types import TracebackType

# The verifier's last line. It says 0 where the kernel found before the verifier that the program cannot be loaded.
_VERDICT = re.compile(rb"^processed [1-9][0-9]* insns", re.MULTILINE)
_STDERR = 2


class FrameworkLog:
    """Keeps it while the block runs; then shows it, if the user asked for it.

    It is also the only place that has the verifier's verdict: BCC's errors do not tell a bad program from a kernel that
    lacks something.
    """

    def __init__(self, *, show: bool) -> None:
        """With `show`, what was printed goes to standard error when the block ends."""
        self._show = show
        self._text = b""

    def __enter__(self) -> "FrameworkLog":
        self._saved = os.dup(_STDERR)
        self._file = os.memfd_create("framework-log")
        os.dup2(self._file, _STDERR)
        return self

    def __exit__(self, _type: type | None, _error: BaseException | None, _traceback: TracebackType | None) -> None:
        self._read()
        os.dup2(self._saved, _STDERR)
        os.close(self._saved)
        os.close(self._file)
        if self._show:
            os.write(_STDERR, self._text)

    def has_verdict(self) -> bool:
        """Whether the verifier has looked at instructions and refused them. To be asked within the block."""
        self._read()
        return bool(_VERDICT.search(self._text))

    def _read(self) -> None:
        self._text = os.pread(self._file, os.fstat(self._file).st_size, 0)
