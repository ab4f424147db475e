"""Where a trigger's cookie is: docs/PROTOCOL.md, Marks."""

import platform
import re
from typing import NamedTuple

from .kernel import tracepoint_file

# enum bench_cookie of impls/bpf/bench.h
NONE, SYSCALL, FUNCTION = range(3)

# The first argument's register in struct pt_regs: di, or regs[0].
_FIRST_REGISTER = {"x86_64": 112, "aarch64": 0}
_SYSCALL_FUNCTION = re.compile("__(x64|arm64)_sys_")
_ARGUMENT_FIELD = re.compile(r"^\s*field:.*\boffset:16;", re.MULTILINE)


class Cookie(NamedTuple):
    """What the program is told."""

    where: int
    offset: int


def cookie(program_type: str, target: str, machine: str | None = None) -> Cookie:
    """Where a program of this type finds it at this target; `machine` is the processor, by default this one's."""
    register = _FIRST_REGISTER.get(machine or platform.machine())
    offset = register or 0
    if program_type == "tracepoint":
        return Cookie(SYSCALL if _is_syscall_entry(target) and _has_argument(target) else NONE, offset)
    is_syscall = program_type == "raw_tracepoint" or bool(_SYSCALL_FUNCTION.match(target))
    # Only fentry has a function's own argument without a register.
    if register is None and (is_syscall or program_type == "kprobe"):
        return Cookie(NONE, offset)
    return Cookie(SYSCALL if is_syscall else FUNCTION, offset)


def _is_syscall_entry(tracepoint: str) -> bool:
    return tracepoint.startswith("syscalls/sys_enter_") or tracepoint == "raw_syscalls/sys_enter"


def _has_argument(tracepoint: str) -> bool:
    """Whether there is a field: the kernel refuses a program that reads beyond the last one.

    The tracepoint was seen to be there before; if it cannot be read now, the refusal says so.
    """
    try:
        return has_argument(tracepoint_file(tracepoint, "format").read_text())
    except OSError:
        return True


def has_argument(tracepoint_format: str) -> bool:
    """Whether a tracepoint's format tells of a field where the first argument of a system call is."""
    return bool(_ARGUMENT_FIELD.search(tracepoint_format))
