"""Facts about this kernel, asked before the program is compiled: what it cannot do is not worth the wait."""

import os
import stat
from pathlib import Path

from .errors import RunnerError, Unsupported

LOG_HINT = "run again with `--verbose` for the framework's log"

_TRACEFS = Path("/sys/kernel/tracing")
_TRACEFS_PLACES = (_TRACEFS, Path("/sys/kernel/debug/tracing"))
_KPROBE_DEVICE = Path("/sys/bus/event_source/devices/kprobe")
_BTF = Path("/sys/kernel/btf/vmlinux")
_CAP_SYS_ADMIN = 21
_CAP_PERFMON = 38
_CAP_BPF = 39


def require(program_type: str, attach_target: str) -> None:
    """Raise RunnerError unless this process may load programs and the kernel has what the program type needs."""
    _require_privileges()
    if program_type == "tracepoint":
        _require_tracepoint(attach_target)
    elif program_type == "kprobe":
        _require_kprobes()
    elif program_type == "fentry" and not _BTF.exists():
        raise fentry_refused(attach_target, f"there is no `{_BTF}`")
    _require_headers()


def fentry_refused(function: str, reason: str) -> Unsupported:
    """The error when the kernel cannot attach fentry."""
    needs = "it needs BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS"
    return Unsupported(
        f"this kernel cannot attach fentry to `{function}`: {reason} ({needs})",
        "use `--program-type tracepoint`, or a kernel built with CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y",
    )


def kprobe_refused(function: str, reason: str) -> Unsupported:
    """The error when the kernel cannot attach a kprobe."""
    return Unsupported(
        f"this kernel cannot attach a kprobe to `{function}`: {reason}",
        "check that the function is listed in `/proc/kallsyms`",
    )


def program_refused(program_type: str, number: int) -> RunnerError:
    """The error for anything else that the kernel has not or does not allow, by its number. Without one it is a bug."""
    return RunnerError(
        "unsupported" if number else "internal",
        f"this kernel refuses the `{program_type}` program: {reason(number)}",
        LOG_HINT,
    )


def program_rejected(program_type: str, why: str) -> RunnerError:
    """The error when the verifier does not accept the instructions, whatever they are attached to."""
    return RunnerError("internal", f"the verifier refuses the `{program_type}` program: {why}", LOG_HINT)


def reason(number: int) -> str:
    """What an error number says; 0 is none."""
    return os.strerror(number) if number else "BCC gives no reason"


def _require_privileges() -> None:
    status = Path("/proc/self/status").read_text()
    effective = int(status.partition("CapEff:")[2].split(maxsplit=1)[0], 16)

    def has(capability: int) -> bool:
        return bool(effective >> capability & 1)

    if not has(_CAP_SYS_ADMIN) and not (has(_CAP_BPF) and has(_CAP_PERFMON)):
        message = "loading BPF programs needs root, or CAP_BPF and CAP_PERFMON"
        raise RunnerError("permission", message, "run it with sudo")


def tracefs() -> Path:
    """Where tracefs is. Raises FileNotFoundError or PermissionError.

    BCC looks at the same two places on its own, the one below debugfs first; both are the same file system.
    """
    refusal: OSError = FileNotFoundError()
    for place in _TRACEFS_PLACES:
        try:
            if stat.S_ISDIR((place / "events").stat().st_mode):
                return place
        except PermissionError as error:
            refusal = error
        except OSError:
            continue
    raise refusal


def tracepoint_file(tracepoint: str, name: str) -> Path:
    """A file that tells of a tracepoint. Raises as `tracefs` does."""
    return tracefs() / "events" / tracepoint / name


def _require_tracepoint(target: str) -> None:
    try:
        tracefs()
    except FileNotFoundError as error:
        raise Unsupported(
            f"tracefs is not mounted at `{_TRACEFS}`",
            f"run `mount -t tracefs tracefs {_TRACEFS}` as root",
        ) from error
    except PermissionError as error:
        raise _unreadable() from error
    try:
        # Read as BCC reads it. Some tracepoints, those of ftrace itself, have no id and cannot carry a program.
        tracepoint_file(target, "id").read_bytes()
    except FileNotFoundError as error:
        hint = f"list them with `ls {_TRACEFS}/events`"
        raise Unsupported(f"this kernel has no tracepoint `{target}`", hint) from error
    except PermissionError as error:
        raise _unreadable() from error


def _unreadable() -> RunnerError:
    return RunnerError("permission", f"this process may not read `{_TRACEFS}`", "run it with sudo")


def _require_kprobes() -> None:
    if not any(
        os.path.exists(way) for way in (_KPROBE_DEVICE, *(place / "kprobe_events" for place in _TRACEFS_PLACES))
    ):
        raise Unsupported(
            "this kernel has no kprobes (CONFIG_KPROBES is off)",
            "use `--program-type tracepoint`, or a kernel built with CONFIG_KPROBES=y",
        )


def _require_headers() -> None:
    """BCC looks for headers in a folder that the environment names, in the usual place and in the kernel itself."""
    build = Path("/lib/modules", os.uname().release, "build")
    if "BCC_KERNEL_SOURCE" in os.environ or Path("/sys/kernel/kheaders.tar.xz").exists():
        return
    if not (build / "include").is_dir():
        raise Unsupported(f"BCC needs kernel headers at `{build}`", "run `make setup`")
