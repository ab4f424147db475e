"""Chooses the interpreter and what it takes from its surroundings.

BCC belongs to the distribution's Python, which need not be the `python3` on PATH. And what a user has set for other
programs (PYTHONMALLOC=debug, PYTHONTRACEMALLOC, a folder on PYTHONPATH) is not to change what is measured here.
"""

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
# Ignores every PYTHON* variable, the current folder and the user's own packages; writes no bytecode, which would belong
# to root in the sources.
_ISOLATED = ("-I", "-B")


def ensure() -> None:
    """Start again, isolated, unless this interpreter is; and with the first other one that may have what it lacks.

    Returns when nothing is missing, and also when nothing is left to try: the runner then says what is missing, if it
    turns out to need it.
    """
    if not sys.flags.isolated:
        _start(sys.executable, [])
    if find_spec("bcc") and find_spec("hdrh"):
        os.environ.pop(_TRIED, None)
        return
    tried = [*os.environ.get(_TRIED, "").split(os.pathsep), sys.executable]
    for candidate in _CANDIDATES:
        if str(candidate) not in tried and candidate.exists():
            _start(str(candidate), tried)


def _start(interpreter: str, tried: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment[_TRIED] = os.pathsep.join(tried)
    os.execve(interpreter, [interpreter, *_ISOLATED, str(_PACKAGE_ROOT), *sys.argv[1:]], environment)
