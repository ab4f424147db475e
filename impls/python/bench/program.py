"""The BPF program in BCC: compile, load, attach, detach, read counters."""

import ctypes as ct
import os
import re
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .contract.messages import RunnerError
from .framework import BPF, framework_log, possible_cpus
from .kernel import require_headers, require_privileges
from .mechanisms.ringbuf import RingBuffer
from .mechanisms.rings import Rings
from .types import FIRST_REGISTER, TYPES

_TEXTS = Path(__file__).resolve().parent / "bpf"
_HEADERS = _TEXTS.parents[2] / "bpf"
_WAKEUP_POLICIES = ("adaptive", "sampled", "timer")  # In the order of enum bench_wakeup.
_TABLE_SIZE = 1024  # As bench.h has it.
_OPENAT2 = 437  # On every architecture.
_COUNTERS = ("attempted", "submitted", "dropped", "dropped_marks")
_U64_MASK = (1 << 64) - 1
_HINT = "run again with `--verbose` for the framework's log"
# The verifier's last line. It says 0 where the kernel found before the verifier that the program cannot be loaded.
_VERDICT = re.compile("^processed [1-9][0-9]* insns", re.MULTILINE)
_REFUSED_MAP = re.compile("^could not open bpf map: (.*)", re.MULTILINE)


class _Module(BPF):
    """BCC's module, which leaves loading and attaching to its owner."""

    def _trace_autoload(self) -> None:
        """Do nothing. BCC attaches fentry programs when it compiles them, which could not be timed by itself."""


class Program:
    """A loaded program with its maps."""

    def __init__(self, flags: Namespace, mechanism: RingBuffer | Rings) -> None:
        """Compile and load. Raises RunnerError with the kernel's reason."""
        self._flags = flags
        self._type = TYPES[flags.program_type]
        self._target = flags.attach_target
        self._entry = self._type.entry(self._target)
        require_privileges()
        self._type.check(self._target)
        require_headers()
        self.bpf = self._compile(mechanism)
        with self._refusals_told():
            function = self.bpf.load_func(self._entry, getattr(BPF, self._type.bpf_type))
        self.program_ids = [_object_id(function.fd, "prog_id")]
        # All that the program uses: it is the source that says so.
        maps = [*mechanism.maps, "counters"]
        if flags.lookups:
            maps.append("table")
            table = self.bpf["table"]
            for key in range(_TABLE_SIZE):
                table[ct.c_uint32(key)] = ct.c_uint64(key)
        self.map_ids = sorted(_object_id(self.bpf[name].map_fd, "map_id") for name in maps)

    def attach(self) -> None:
        """Let it run, until `detach` is called. Raises RunnerError with the kernel's reason."""
        with self._refusals_told():
            self.detach = self._type.attach(self.bpf, self._entry, self._target)

    def counters(self) -> dict[str, int]:
        """Those of all CPUs together."""
        per_cpu = self.bpf["counters"][0]
        return {name: sum(getattr(cpu, name) for cpu in per_cpu) & _U64_MASK for name in _COUNTERS}

    def _compile(self, mechanism: RingBuffer | Rings) -> BPF:
        flags = self._flags
        knobs = {
            "TARGET_PID": flags.target_pid,
            "RECORD_SIZE": flags.record_size,
            "BATCH": flags.batch,
            "WAKEUP": _WAKEUP_POLICIES.index(flags.wakeup.policy),
            "WAKEUP_BYTES": flags.wakeup.threshold_bytes,
            "WORK": flags.work,
            "KEEP_ONE_IN": flags.keep_one_in,
            "LOOKUPS": flags.lookups,
            "SYSCALL_NR": _OPENAT2,
            "COOKIE": self._type.cookie(self._target, FIRST_REGISTER),
            "COOKIE_OFFSET": FIRST_REGISTER or 0,
            "RING_PAGES": flags.ring_size // os.sysconf("SC_PAGESIZE"),
            "POSSIBLE_CPUS": possible_cpus(),
            "ENTRY": self._entry,
        }
        # One text, because BCC changes only what is in the file that it compiles.
        texts = [(_TEXTS / f"{name}.c").read_text() for name in (mechanism.text, "produce", flags.program_type)]
        text = "".join(['#include "bench.h"\n', mechanism.declarations, *texts]).encode()
        defined = [f"-D{name}={value}" for name, value in knobs.items()]
        with framework_log(show=flags.verbose) as said:
            try:
                return _Module(text=text, cflags=[f"-I{_HEADERS}", *defined])
            except Exception as error:
                # BCC makes the maps too, and says the same when the kernel refuses one.
                if refused := _REFUSED_MAP.search(said()):
                    what = f"this kernel refuses the `{flags.program_type}` program: cannot create map {refused[1]}"
                    raise RunnerError("unsupported", what, _HINT) from error
                what = "BCC cannot compile the program with this kernel's headers"
                raise RunnerError("internal", what, _HINT) from error

    @contextmanager
    def _refusals_told(self) -> Iterator[None]:
        """Make the contract's error of BCC's.

        What the kernel lacks or does not allow is unsupported; what the verifier does not accept and what is not the
        kernel's error are bugs.
        """
        with framework_log(show=self._flags.verbose) as said:
            # BCC says why in the C library's errno, not in its exception.
            ct.set_errno(0)
            try:
                yield
            except Exception as error:
                number = ct.get_errno()
                reason = os.strerror(number) if number else error
                what = f"the `{self._flags.program_type}` program for `{self._target}`: {reason}"
                if _VERDICT.search(said()):
                    raise RunnerError("internal", f"the verifier refuses {what}", _HINT) from error
                # A hint is about the target, and what is wrong with that has not always a number.
                kind = "unsupported" if number or self._type.hint else "internal"
                raise RunnerError(kind, f"this kernel refuses {what}", self._type.hint or _HINT) from error


def _object_id(fd: int, key: str) -> int:
    """The kernel's number of a program or map."""
    return int(re.search(f"^{key}:(.*)$", Path(f"/proc/self/fdinfo/{fd}").read_text(), re.MULTILINE)[1])
