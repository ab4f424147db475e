"""A program at a kprobe on a kernel function."""

import os
import platform
from collections.abc import Callable

from ..contract.messages import RunnerError
from ..framework import BPF
from ..kernel import TRACEFS_PLACES
from . import FUNCTION, NONE, SYSCALL, ProgramType

# How the kernel names the entry of a system call.
_PREFIX = {"x86_64": "__x64_", "aarch64": "__arm64_", "riscv64": "__riscv_", "s390x": "__s390x_"}


class KernelFunction(ProgramType):
    """What is so of fentry too, the other program type on kernel functions."""

    pattern = r"[A-Za-z_][A-Za-z0-9_.]*"
    expected = "the name of a kernel function"
    default_target = _PREFIX.get(platform.machine(), "") + "sys_openat2"

    def cookie(self, target: str, register: int | None) -> int:
        """The only argument of a system call's entry points to the registers."""
        if not target.startswith(("__x64_sys_", "__arm64_sys_")):
            return FUNCTION
        return NONE if register is None else SYSCALL


class Kprobe(KernelFunction):
    bpf_type = "KPROBE"
    hint = "check that the function is listed in `/proc/kallsyms`"

    def check(self, _target: str) -> None:
        ways = ["/sys/bus/event_source/devices/kprobe", *(place / "kprobe_events" for place in TRACEFS_PLACES)]
        if not any(os.path.exists(way) for way in ways):
            hint = "use `--program-type tracepoint`, or a kernel built with CONFIG_KPROBES=y"
            raise RunnerError("unsupported", "this kernel has no kprobes (CONFIG_KPROBES is off)", hint)

    def cookie(self, target: str, register: int | None) -> int:
        """A function's own argument is in a register as well."""
        return NONE if register is None else super().cookie(target, register)

    def attach(self, bpf: BPF, entry: str, target: str) -> Callable[[], None]:
        bpf.attach_kprobe(event=target, fn_name=entry)
        return lambda: bpf.detach_kprobe(event=target)


TYPE = Kprobe()
