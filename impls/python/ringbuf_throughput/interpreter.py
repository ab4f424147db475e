"""Chooses the interpreter: BCC belongs to the distribution's Python, which need not be the `python3` on PATH."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

_PACKAGE_ROOT = Path(__file__).resolve().parent.parent
_CANDIDATES = (
    # Made by the build: the distribution's Python with the histogram package.
    _PACKAGE_ROOT.parent.parent / "build" / "python" / "venv" / "bin" / "python3",
    Path("/usr/bin/python3"),
)
_TRIED = "RINGBUF_THROUGHPUT_TRIED_INTERPRETERS"


def ensure_packages() -> None:
    """Start again with the first other interpreter that may have the packages which this one lacks.

    Returns when nothing is missing, and also when nothing is left to try: the runner then says what is missing, if it
    turns out to need it.
    """
    if find_spec("bcc") and find_spec("hdrh"):
        os.environ.pop(_TRIED, None)
        return
    tried = [*os.environ.get(_TRIED, "").split(os.pathsep), sys.executable]
    for candidate in _CANDIDATES:
        if str(candidate) not in tried and candidate.exists():
            environment = {
                **os.environ,
                _TRIED: os.pathsep.join(tried),
                "PYTHONPATH": str(_PACKAGE_ROOT),
                "PYTHONSAFEPATH": "1",
            }
            arguments = [str(candidate), "-m", __package__, *sys.argv[1:]]
            os.execve(candidate, arguments, environment)
