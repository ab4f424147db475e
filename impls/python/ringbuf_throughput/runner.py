"""The life of a runner around its trial: flags, `hello`, errors, exit status."""

import os
import sys
import traceback
from contextlib import suppress

from . import protocol
from .args import help_text, parse, wants_jsonl
from .errors import RunnerError, Unsupported, UsageError
from .protocol import Output
from .report import version_line
from .stop import Stop

IMPLEMENTATION = "python"
FRAMEWORK = "bcc"


def main(arguments: list[str]) -> int:
    """Run with these arguments and return the exit status. No exception leaves it."""
    output = None
    try:
        stop = Stop()
        output = Output()
        return _dispatch(arguments, output, stop)
    except RunnerError as error:
        return _fail(error, output if wants_jsonl(arguments) else None)
    except Exception as error:
        if "-v" in arguments or "--verbose" in arguments:
            traceback.print_exc()
        bug = RunnerError("internal", f"{type(error).__name__}: {error}")
        return _fail(bug, output if wants_jsonl(arguments) else None)


def _dispatch(arguments: list[str], output: Output, stop: Stop) -> int:
    try:
        options = parse(arguments)
        if not isinstance(options, str):
            _pin(options.cpu)
    except UsageError:
        # The first message is always hello, also before an error about the flags.
        if wants_jsonl(arguments):
            output.line(_hello())
        raise
    if options == "help":
        output.line(help_text().rstrip("\n"))
    elif options == "version":
        output.line(_version())
    else:
        if options.output == "jsonl":
            output.line(_hello())
        _require_bcc()
        # Only here, because it imports BCC, which the above must do without where it is missing.
        from .trial import run

        run(options, output, stop, _version())
    return 0


def _fail(error: RunnerError, output: Output | None) -> int:
    """Tell the person, and the supervisor if there is one; return the exit status."""
    # Standard error may be closed, and whoever read standard output may be gone; there is nobody else to tell.
    with suppress(OSError, AttributeError):
        sys.stderr.write(str(error))
        sys.stderr.flush()
    if output:
        with suppress(RunnerError):
            output.line(protocol.message("error", kind=error.kind, message=error.message, hint=error.hint))
    return error.exit_status


def _pin(cpu: int | None) -> None:
    """Pin the process before it can have other threads: they inherit it."""
    if cpu is None:
        return
    # Asked first: the kernel would also widen what a supervisor has set.
    if cpu not in os.sched_getaffinity(0):
        raise UsageError(f"argument --cpu: invalid value `{cpu}`: this process may not run on that CPU")
    os.sched_setaffinity(0, {cpu})


def _hello() -> str:
    return protocol.message(
        "hello",
        protocol_version=protocol.VERSION,
        implementation=IMPLEMENTATION,
        framework=FRAMEWORK,
        framework_version=_bcc_version(),
        pid=os.getpid(),
    )


def _version() -> str:
    return version_line(IMPLEMENTATION, FRAMEWORK, _bcc_version())


def _bcc_version() -> str:
    try:
        import bcc

        return bcc.__version__
    except (ImportError, AttributeError, OSError):
        return "not installed"


def _require_bcc() -> None:
    try:
        from bcc import BPF  # noqa: F401 - a package of that name that is not the framework lacks it
    except (ImportError, OSError) as error:
        raise Unsupported(f"`{sys.executable}` has no Python package `bcc`", "run `make setup`") from error
