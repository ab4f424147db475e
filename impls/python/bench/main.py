"""The life of a runner: flags, `hello`, load, attach, `ready`, consume, stop, `summary`; or an error."""

import os
import sys
import traceback
from argparse import Namespace
from contextlib import suppress
from time import monotonic_ns

from . import __version__
from .contract import delays, messages
from .contract.flags import parse
from .contract.messages import Output, RunnerError
from .contract.report import report
from .contract.stop import Stop
from .framework import VERSION, online_cpus
from .loop import TICK_NS, consume, drain
from .mechanisms.ringbuf import RingBuffer
from .mechanisms.rings import Rings
from .program import Program


def main(arguments: list[str]) -> int:
    """Run with these arguments and return the exit status. No exception leaves it."""
    output = None
    flags = Namespace(output="text", verbose=False)
    try:
        stop = Stop()
        output = Output()
        _run(arguments, flags, output, stop)
        return 0
    except RunnerError as expected:
        error = expected
    except ImportError as missing:
        hint = "run `make setup`, then `make build`"
        error = RunnerError("unsupported", f"`{sys.executable}` lacks a package: {missing}", hint)
    except Exception as bug:
        if flags.verbose:
            traceback.print_exc()
        error = RunnerError("internal", f"{type(bug).__name__}: {bug}")
    # Standard error may be closed, and whoever read standard output may be gone; there is nobody else to tell.
    with suppress(OSError, AttributeError):
        print(f"error: {error}" + (f"\n\nhint: {error.hint}" if error.hint else ""), file=sys.stderr, flush=True)
    with suppress(RunnerError):
        if output:
            output.message("error", kind=error.kind, message=str(error), hint=error.hint)
    return messages.EXIT_STATUS[error.kind]


def _run(arguments: list[str], flags: Namespace, output: Output, stop: Stop) -> None:
    version = f"ringbuf_throughput {__version__} (python, bcc {VERSION}, protocol {messages.VERSION})"
    try:
        usage = parse(arguments, flags)
    finally:
        # Also before an error about the flags: the first message is always hello.
        output.jsonl = flags.output == "jsonl" and not (flags.help or flags.version)
        told = {"implementation": "python", "framework": "bcc", "framework_version": VERSION, "pid": os.getpid()}
        output.message("hello", protocol_version=messages.VERSION, **told)
    if flags.help or flags.version:
        output.line(usage if flags.help else version)
        return
    import bcc  # noqa: F401 - says what is missing where it is

    if flags.latency:
        delays.histogram([])  # A missing package is better found before measuring than after.
    if flags.cpu is not None:
        # Before there can be other threads: they inherit it.
        os.sched_setaffinity(0, {flags.cpu})
    _measure(flags, output, stop, version)


def _measure(flags: Namespace, output: Output, stop: Stop, version: str) -> None:
    def progress(text: str) -> None:
        if flags.verbose:
            print(text, file=sys.stderr, flush=True)

    # Which variant of the runner this is. The flags are those of every runner, so they do not say it.
    reading = os.environ.get("RUNNER_READING", "tuned")
    if reading not in ("tuned", "plain"):
        raise RunnerError("usage", f"invalid value `{reading}` for `RUNNER_READING`: expected tuned or plain")
    plain = reading == "plain"
    if flags.rings == "cpu":
        cpus = online_cpus()
        if flags.consumers == "ring" and len(cpus) > 1:
            why = "BCC has one call that reads all ring buffers of a program, and so one thread"
            raise RunnerError("unsupported", why, "use `--consumers one`")
        source = Rings(cpus, latency=flags.latency, plain=plain)
    else:
        source = RingBuffer(latency=flags.latency, plain=plain)
    began = monotonic_ns()
    program = Program(flags, source)
    source.open(program.bpf)
    loaded = monotonic_ns()
    program.attach()
    attached = monotonic_ns()
    attachment = {"program_type": flags.program_type, "attach_target": flags.attach_target}
    ids = {"program_ids": program.program_ids, "map_ids": program.map_ids}
    output.message("ready", **ids, load_ns=loaded - began, attach_ns=attached - loaded, **attachment)
    progress(f"compiled and loaded in {(loaded - began) // 1_000_000} ms, attached to {flags.attach_target}")

    def on_tick(now_ns: int, wakeups: int) -> None:
        received, payload_bytes, _ = source.totals()
        output.message("counters", t_ns=now_ns, received=received, bytes=payload_bytes, wakeups=wakeups)
        if (now_ns - attached) // TICK_NS % 10 == 0:
            progress(f"{received:,} events received")

    elapsed_ns, wakeups = consume(source, stop, flags.duration_ns, flags.wakeup.interval_ns, on_tick)
    until_stop = source.received()
    # A further signal must not end the drain.
    stop.when_requested = lambda: None
    progress("stopping: detach and drain")
    program.detach()
    counters = drain(source, program.counters)
    received, payload_bytes, marks = source.totals()
    summary = {"elapsed_ns": elapsed_ns, **counters, "lost": 0, "received": received, "bytes": payload_bytes}
    summary |= {"marks": marks, "wakeups": wakeups}
    histogram = delays.histogram(source.delay_counts) if flags.latency else None
    of_rings = {"rings": [_of_ring(cpu, ring) for cpu, ring in source.rings.items()]} if flags.rings == "cpu" else {}
    encoded = histogram.encode().decode() if histogram else None
    output.message("summary", **summary, latency=encoded, **of_rings)
    if not output.jsonl:
        percentiles = {f"P{percent}": histogram.get_value_at_percentile(percent) for percent in (50, 99) if received}
        output.line(report(version, " ".join(attachment.values()), summary, until_stop, percentiles))


def _of_ring(cpu: int, ring: RingBuffer) -> dict[str, object]:
    latency = delays.histogram(ring.delay_counts).encode().decode() if ring.delay_counts else None
    return {"cpu": cpu, "received": ring.received(), "latency": latency}
