"""A program at the raw tracepoint of all system calls, which looks for openat2 by itself."""

from collections.abc import Callable

from ..framework import BPF
from . import NONE, SYSCALL, ProgramType


class RawTracepoint(ProgramType):
    pattern = default_target = "sys_enter"
    expected = "sys_enter, the only raw tracepoint that the program can read"
    bpf_type = "RAW_TRACEPOINT"

    def cookie(self, _target: str, register: int | None) -> int:
        return NONE if register is None else SYSCALL

    def attach(self, bpf: BPF, entry: str, target: str) -> Callable[[], None]:
        bpf.attach_raw_tracepoint(tp=target, fn_name=entry)
        return lambda: bpf.detach_raw_tracepoint(tp=target)


TYPE = RawTracepoint()
