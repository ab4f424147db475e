"""A program at the entry of a kernel function, by BTF."""

from collections.abc import Callable

from ..contract.messages import RunnerError
from ..framework import BPF
from .kprobe import KernelFunction


class Fentry(KernelFunction):
    bpf_type = "TRACING"
    hint = "use `--program-type tracepoint`, or a kernel with BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y"

    def check(self, target: str) -> None:
        if not target.isidentifier():
            message = f"this kernel cannot attach fentry to `{target}`: BCC can only name functions that C can name"
            raise RunnerError("unsupported", message, self.hint)

    def entry(self, target: str) -> str:
        """BCC reads the target from the name."""
        return f"kfunc__{target}"

    def attach(self, bpf: BPF, entry: str, _target: str) -> Callable[[], None]:
        bpf.attach_kfunc(fn_name=entry)
        return lambda: bpf.detach_kfunc(fn_name=entry)


TYPE = Fentry()
