"""One trial: load, attach, consume, stop, and say what was counted."""

import os
import sys
from time import monotonic_ns

from . import kernel, protocol
from .args import Options
from .consumer import TICK_NS, consume, drain
from .errors import UsageError
from .histogram import Histogram
from .program import Program
from .protocol import Output, Summary
from .records import Records
from .report import Rated, report
from .stop import Stop

_READING = "RUNNER_READING"
_PROGRESS_TICKS = 1_000_000_000 // TICK_NS


def run(options: Options, output: Output, stop: Stop, version: str) -> None:
    """Run a trial and write its messages or its report. Raises RunnerError."""
    kernel.require(options.program_type, options.attach_target)
    if options.latency:
        Histogram([])  # A missing package is better found before measuring than after.
    records = Records(latency=options.latency, plain=_reads_plainly())
    program = _start(options, output, records)
    summary, until_stop, histogram = _measure(options, output, stop, program, records)
    if options.output == "jsonl":
        output.line(protocol.message("summary", **summary._asdict()))
    else:
        percentiles = histogram.percentiles() if histogram else None
        output.line(report(version, options.program_type, options.attach_target, summary, until_stop, percentiles))


def _reads_plainly() -> bool:
    """Which variant of the runner this is. The flags are those of every runner, so they do not say it."""
    reading = os.environ.get(_READING, "tuned")
    if reading not in ("tuned", "plain"):
        raise UsageError(f"invalid value `{reading}` for `{_READING}`: expected tuned or plain")
    return reading == "plain"


def _start(options: Options, output: Output, records: Records) -> Program:
    before = monotonic_ns()
    program = Program(options)
    program.open_ring(records.callback)
    loaded = monotonic_ns()
    program.attach()
    attached = monotonic_ns()
    _progress(options, f"compiled and loaded in {(loaded - before) // 1_000_000} ms")
    _progress(options, f"attached the {options.program_type} program to {options.attach_target}")
    if options.output == "jsonl":
        output.line(
            protocol.message(
                "ready",
                program_ids=program.program_ids,
                map_ids=program.map_ids,
                load_ns=loaded - before,
                attach_ns=attached - loaded,
                program_type=options.program_type,
                attach_target=options.attach_target,
            )
        )
    return program


def _measure(
    options: Options,
    output: Output,
    stop: Stop,
    program: Program,
    records: Records,
) -> tuple[Summary, Rated, Histogram | None]:
    ticks = 0

    def on_tick(now_ns: int, wakeups: int) -> None:
        nonlocal ticks
        ticks += 1
        received, payload_bytes, _ = records.totals()
        if options.output == "jsonl":
            told = {"t_ns": now_ns, "received": received, "bytes": payload_bytes, "wakeups": wakeups}
            output.line(protocol.message("counters", **told))
        if ticks % _PROGRESS_TICKS == 0:
            _progress(options, f"{received:,} events received")

    consumed = consume(program, records, stop, options.duration_ns, options.wakeup.interval_ns, on_tick)
    received, payload_bytes, _ = records.totals()
    until_stop = Rated(received, payload_bytes)
    stop.disregard_signals()
    _progress(options, "stopping: detach and drain")
    program.detach()
    counters = drain(program, records)
    received, payload_bytes, marks = records.totals()
    histogram = Histogram(records.delay_counts) if options.latency else None
    summary = Summary(
        elapsed_ns=consumed.elapsed_ns,
        attempted=counters.attempted,
        submitted=counters.submitted,
        dropped=counters.dropped,
        dropped_marks=counters.dropped_marks,
        lost=0,
        received=received,
        bytes=payload_bytes,
        marks=marks,
        wakeups=consumed.wakeups,
        latency=histogram.encode() if histogram else None,
    )
    return summary, until_stop, histogram


def _progress(options: Options, text: str) -> None:
    if options.verbose:
        print(text, file=sys.stderr, flush=True)
