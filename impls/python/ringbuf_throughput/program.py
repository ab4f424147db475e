"""The BPF program in BCC: compile, load, attach, detach, read counters."""

import ctypes as ct
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bcc import BPF
from bcc.libbcc import lib

from . import kernel
from .args import Options
from .cookie import cookie
from .errors import RunnerError, Unsupported
from .framework_log import FrameworkLog

_SOURCE = Path(__file__).with_name("program.bpf.c")
# BCC compiles in a folder of its own, so the path must be absolute.
_HEADERS = _SOURCE.resolve().parents[2] / "bpf"
_WAKEUP_POLICIES = ("adaptive", "sampled", "timer")  # In the order of enum bench_wakeup.
_OPENAT2 = 437  # On every architecture.
_MAP_TYPE_PERCPU_ARRAY = 6
_MAP_TYPE_RINGBUF = 27
_U64_MASK = (1 << 64) - 1


class Counters(NamedTuple):
    """The program's counters, summed over CPUs."""

    attempted: int
    submitted: int
    dropped: int
    dropped_marks: int


class _Module(BPF):
    """BCC's module, which leaves loading and attaching to its owner."""

    def _trace_autoload(self) -> None:
        """Do nothing. BCC attaches fentry programs when it compiles them, which could not be timed by itself."""


class _Kind(NamedTuple):
    """What differs between program types."""

    macro: str  # Selects the program in program.bpf.c.
    function: str
    bpf_type: int
    attach: Callable[[BPF, str, str], object]
    detach: Callable[[BPF, str, str], object]


def _kind(program_type: str, target: str) -> _Kind:
    match program_type:
        case "tracepoint":
            return _Kind(
                "ON_TRACEPOINT",
                "on_tracepoint",
                BPF.TRACEPOINT,
                lambda bpf, function, name: bpf.attach_tracepoint(tp=name.replace("/", ":"), fn_name=function),
                lambda bpf, _, name: bpf.detach_tracepoint(tp=name.replace("/", ":")),
            )
        case "raw_tracepoint":
            return _Kind(
                "ON_RAW_TP",
                "on_raw_tp",
                BPF.RAW_TRACEPOINT,
                lambda bpf, function, name: bpf.attach_raw_tracepoint(tp=name, fn_name=function),
                lambda bpf, _, name: bpf.detach_raw_tracepoint(tp=name),
            )
        case "kprobe":
            return _Kind(
                "ON_KPROBE",
                "on_kprobe",
                BPF.KPROBE,
                lambda bpf, function, name: bpf.attach_kprobe(event=name, fn_name=function),
                lambda bpf, _, name: bpf.detach_kprobe(event=name),
            )
        case _:
            return _Kind(
                "ON_FENTRY",
                f"kfunc__{target}",
                BPF.TRACING,
                lambda bpf, function, _: bpf.attach_kfunc(fn_name=function),
                lambda bpf, function, _: bpf.detach_kfunc(fn_name=function),
            )


class Program:
    """A loaded program with its ring buffer and counters."""

    def __init__(self, options: Options) -> None:
        """Compile and load. Raises RunnerError with the kernel's reason."""
        self._program_type = options.program_type
        self._target = options.attach_target
        self._kind = _kind(options.program_type, options.attach_target)
        self._verbose = options.verbose
        if options.program_type == "fentry" and not options.attach_target.isidentifier():
            raise kernel.fentry_refused(options.attach_target, "BCC can only name functions that C can name")
        with FrameworkLog(show=self._verbose) as log:
            self._bpf = self._compile(options)
            # BCC says why in the C library's errno, not in its exception.
            ct.set_errno(0)
            try:
                function = self._bpf.load_func(self._kind.function, self._kind.bpf_type)
            except Exception as error:
                raise self._refusal(log, attaching=False) from error
        self.program_ids = [_object_id(function.fd, "prog_id")]
        # All that the program uses: it is the source that says so.
        self.map_ids = sorted({_object_id(self._bpf[name].map_fd, "map_id") for name in ("events", "counters")})

    def open_ring(self, callback: Callable[[int | None, int, int], int | None]) -> None:
        """Have every record given to `callback(ctx, address, size)`; a negative result ends the drain after it."""
        self._bpf["events"].open_ring_buffer(callback)
        # Bound once: the consumer's loop may call these hundreds of thousands of times a second.
        self.poll = self._bpf.ring_buffer_poll
        self.consume = self._bpf.ring_buffer_consume

    def attach(self) -> None:
        """Let it run. Raises RunnerError with the kernel's reason."""
        with FrameworkLog(show=self._verbose) as log:
            ct.set_errno(0)
            try:
                self._kind.attach(self._bpf, self._kind.function, self._target)
            except Exception as error:
                raise self._refusal(log, attaching=True) from error

    def detach(self) -> None:
        """Let it run no more."""
        self._kind.detach(self._bpf, self._kind.function, self._target)

    def counters(self) -> Counters:
        """Read the counters of all CPUs."""
        per_cpu = self._bpf["counters"][0]
        return Counters(
            attempted=sum(cpu.attempted for cpu in per_cpu),
            submitted=sum(cpu.submitted for cpu in per_cpu),
            dropped=sum(cpu.dropped for cpu in per_cpu),
            dropped_marks=sum(cpu.dropped_marks for cpu in per_cpu) & _U64_MASK,
        )

    def _compile(self, options: Options) -> BPF:
        where = cookie(options.program_type, options.attach_target)
        knobs = {
            "TARGET_PID": options.target_pid,
            "RECORD_SIZE": options.record_size,
            "BATCH": options.batch,
            "WAKEUP": _WAKEUP_POLICIES.index(options.wakeup.policy),
            "WAKEUP_BYTES": options.wakeup.threshold_bytes,
            "WORK": options.work,
            "SYSCALL_NR": _OPENAT2,
            "COOKIE": where.where,
            "COOKIE_OFFSET": where.offset,
            "RING_PAGES": options.ring_size // os.sysconf("SC_PAGESIZE"),
            self._kind.macro: self._kind.function,
        }
        flags = [f"-I{_HEADERS}", *(f"-D{name}={value}" for name, value in knobs.items())]
        try:
            return _Module(text=_SOURCE.read_bytes(), cflags=flags)
        except Exception as error:
            # BCC makes the maps too, and says the same when the kernel refuses one.
            refusal = refused_map(options.ring_size)
            if refusal:
                raise Unsupported(
                    f"this kernel refuses the `{options.program_type}` program: cannot create a map: {refusal}",
                    kernel.LOG_HINT,
                ) from error
            raise RunnerError(
                "internal", "BCC cannot compile the program with this kernel's headers", kernel.LOG_HINT
            ) from error

    def _refusal(self, log: FrameworkLog, *, attaching: bool) -> RunnerError:
        number = ct.get_errno()
        if log.has_verdict():
            return kernel.program_rejected(self._program_type, kernel.reason(number))
        if self._program_type == "fentry":
            return kernel.fentry_refused(self._target, kernel.reason(number))
        if self._program_type == "kprobe" and attaching:
            return kernel.kprobe_refused(self._target, kernel.reason(number))
        return kernel.program_refused(self._program_type, number)


def refused_map(ring_size: int) -> str | None:
    """Why the kernel does not create maps as the program's; None if it does."""
    for map_type, key_size, value_size, max_entries in (
        (_MAP_TYPE_RINGBUF, 0, 0, ring_size),
        (_MAP_TYPE_PERCPU_ARRAY, 4, 32, 1),
    ):
        ct.set_errno(0)
        fd = lib.bcc_create_map(map_type, b"probe", key_size, value_size, max_entries, 0)
        if fd < 0:
            return kernel.reason(ct.get_errno())
        os.close(fd)
    return None


def _object_id(fd: int, key: str) -> int:
    """The kernel's number of a program or map."""
    for line in Path(f"/proc/self/fdinfo/{fd}").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == key:
            return int(value)
    raise LookupError(f"the kernel does not tell the {key} of a BPF object")
