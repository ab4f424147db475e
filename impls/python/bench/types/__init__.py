"""The program types: what all share, and a module for each. That, and its C text in ../bpf, is all that one needs."""

import platform
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from ..framework import BPF

# enum bench_cookie of impls/bpf/bench.h: where a trigger's cookie is (docs/PROTOCOL.md, Marks).
NONE, SYSCALL, FUNCTION = range(3)
# Where the first argument's register is in struct pt_regs: di, or regs[0]. Those of other processors are not guessed.
FIRST_REGISTER = {"x86_64": 112, "aarch64": 0}.get(platform.machine())


class ProgramType:
    """What a program type's module gives, as its `TYPE`."""

    # What a target looks like; `expected` says so.
    pattern: str
    expected: str
    default_target: str
    # What BCC's class calls it.
    bpf_type: str
    # What to do about a target that the kernel refuses; none where such a refusal is like any other.
    hint: str | None = None

    def check(self, target: str) -> None:
        """Raise RunnerError for what a refusal by the kernel or by BCC would not say clearly."""

    def entry(self, _target: str) -> str:
        """What the program is called."""
        return "on_trigger"

    def cookie(self, target: str, register: int | None) -> int:
        """Where the program finds a trigger's cookie; without the register only what needs none."""
        raise NotImplementedError

    def attach(self, bpf: BPF, entry: str, target: str) -> Callable[[], None]:
        """Let the program run; what is returned lets it run no more."""
        raise NotImplementedError


TYPES: dict[str, ProgramType] = {
    module.name: import_module(f"{__name__}.{module.name}").TYPE for module in iter_modules(__path__)
}
