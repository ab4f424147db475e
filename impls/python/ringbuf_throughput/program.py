"""The BPF program in BCC: compile, load, attach, detach, read counters."""

import ctypes as ct
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bcc import BPF

from . import kernel
from .args import Options
from .errors import Unsupported

_SOURCE = Path(__file__).with_name("program.bpf.c")
# BCC compiles in a folder of its own, so the path must be absolute.
_HEADERS = _SOURCE.resolve().parents[2] / "bpf"
_WAKEUP_POLICIES = ("adaptive", "sampled", "none")  # In the order of enum bench_wakeup.
_OPENAT2 = 437  # On every architecture.
_U64_MASK = (1 << 64) - 1


class Counters(NamedTuple):
    """The program's counters, summed over CPUs."""

    attempted: int
    submitted: int
    dropped: int
    checksum: int


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
        """Compile and load. Raises Unsupported with the kernel's reason."""
        self._program_type = options.program_type
        self._target = options.attach_target
        self._kind = _kind(options.program_type, options.attach_target)
        self._quiet = not options.verbose
        if options.program_type == "fentry" and not options.attach_target.isidentifier():
            raise kernel.fentry_refused(options.attach_target, "BCC can only name functions that C can name")
        with self._framework_log():
            self._bpf = self._compile(options)
            # BCC says why in the C library's errno, not in its exception.
            ct.set_errno(0)
            try:
                function = self._bpf.load_func(self._kind.function, self._kind.bpf_type)
            except Exception as error:
                raise self._refusal(attaching=False) from error
        self.program_ids = [_object_id(function.fd, "prog_id")]
        self.map_ids = [_object_id(self._bpf[name].map_fd, "map_id") for name in ("events", "counters")]

    def open_ring(self, callback: Callable[[int | None, int, int], int]) -> None:
        """Have every record given to `callback(ctx, address, size)`; a negative result ends the drain after it."""
        self._bpf["events"].open_ring_buffer(callback)
        # Bound once: the consumer's loop may call these hundreds of thousands of times a second.
        self.poll = self._bpf.ring_buffer_poll
        self.consume = self._bpf.ring_buffer_consume

    def attach(self) -> None:
        """Let it run. Raises Unsupported with the kernel's reason."""
        with self._framework_log():
            ct.set_errno(0)
            try:
                self._kind.attach(self._bpf, self._kind.function, self._target)
            except Exception as error:
                raise self._refusal(attaching=True) from error

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
            checksum=sum(cpu.checksum for cpu in per_cpu) & _U64_MASK,
        )

    def _compile(self, options: Options) -> BPF:
        knobs = {
            "TARGET_PID": options.target_pid,
            "RECORD_SIZE": options.record_size,
            "BATCH": options.batch,
            "WAKEUP": _WAKEUP_POLICIES.index(options.wakeup),
            "WAKEUP_BYTES": options.wakeup_bytes,
            "WORK": options.work,
            "SYSCALL_NR": _OPENAT2,
            "RING_PAGES": options.ring_size // os.sysconf("SC_PAGESIZE"),
            self._kind.macro: self._kind.function,
        }
        flags = [f"-I{_HEADERS}", *(f"-D{name}={value}" for name, value in knobs.items())]
        try:
            return _Module(text=_SOURCE.read_bytes(), cflags=flags)
        except Exception as error:
            raise Unsupported(
                "BCC cannot compile or create the program with this kernel and its headers",
                "run again with `--verbose` for the framework's log",
            ) from error

    def _refusal(self, *, attaching: bool) -> Unsupported:
        errno = ct.get_errno()
        reason = os.strerror(errno) if errno else "BCC gives no reason"
        if self._program_type == "fentry":
            return kernel.fentry_refused(self._target, reason)
        if self._program_type == "kprobe" and attaching:
            return kernel.kprobe_refused(self._target, reason)
        return kernel.program_refused(self._program_type, reason)

    @contextmanager
    def _framework_log(self) -> Iterator[None]:
        """Hide what BCC, clang and libbpf print on standard error, unless the user asked for it."""
        if not self._quiet:
            yield
            return
        saved = os.dup(2)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            os.close(null)


def _object_id(fd: int, key: str) -> int:
    """The kernel's number of a program or map."""
    for line in Path(f"/proc/self/fdinfo/{fd}").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == key:
            return int(value)
    raise LookupError(f"the kernel does not tell the {key} of a BPF object")
