"""A program at a tracepoint."""

import re
from collections.abc import Callable

from ..contract.messages import RunnerError
from ..framework import BPF
from ..kernel import TRACEFS, read_tracefs
from . import NONE, SYSCALL, ProgramType

ARGUMENT_FIELD = re.compile(rb"^\s*field:.*\boffset:16;", re.MULTILINE)


class Tracepoint(ProgramType):
    pattern = r"[A-Za-z0-9_-]+/[A-Za-z0-9_-]+"
    expected = "CATEGORY/NAME, such as syscalls/sys_enter_openat2"
    default_target = "syscalls/sys_enter_openat2"
    bpf_type = "TRACEPOINT"

    def check(self, target: str) -> None:
        """Read what BCC reads. Some tracepoints, those of ftrace itself, have no id and cannot carry a program."""
        if read_tracefs(f"events/{target}/id") is None:
            hint = f"list them with `ls {TRACEFS}/events`"
            raise RunnerError("unsupported", f"this kernel has no tracepoint `{target}`", hint)

    def cookie(self, target: str, _register: int | None) -> int:
        if not target.startswith("syscalls/sys_enter_") and target != "raw_syscalls/sys_enter":
            return NONE
        # A system call without arguments has no field there, and the kernel refuses a program that reads beyond it.
        return SYSCALL if ARGUMENT_FIELD.search(read_tracefs(f"events/{target}/format") or b"") else NONE

    def attach(self, bpf: BPF, entry: str, target: str) -> Callable[[], None]:
        bpf.attach_tracepoint(tp=target.replace("/", ":"), fn_name=entry)
        return lambda: bpf.detach_tracepoint(tp=target.replace("/", ":"))


TYPE = Tracepoint()
