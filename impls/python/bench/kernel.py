"""What is asked of this kernel before the program is compiled: what it cannot do is not worth the wait."""

import os
from pathlib import Path

from .contract.messages import RunnerError

TRACEFS = Path("/sys/kernel/tracing")
# BCC looks at the same two on its own, the second first; both are the same file system.
TRACEFS_PLACES = (TRACEFS, Path("/sys/kernel/debug/tracing"))
_CAP_SYS_ADMIN, _CAP_PERFMON, _CAP_BPF = 21, 38, 39


def require_privileges() -> None:
    """Raise RunnerError unless this process may load programs: root in a container may not, some users may."""
    status = Path("/proc/self/status").read_text()
    effective = int(status.partition("CapEff:")[2].split(maxsplit=1)[0], 16)
    both = 1 << _CAP_PERFMON | 1 << _CAP_BPF
    if not effective & 1 << _CAP_SYS_ADMIN and effective & both != both:
        message = "loading BPF programs needs root, or CAP_BPF and CAP_PERFMON"
        raise RunnerError("permission", message, "run it with sudo")


def require_headers() -> None:
    """Raise RunnerError where BCC would find none: where the environment says, in the kernel, in the usual place."""
    usual = Path("/lib/modules", os.uname().release, "build")
    elsewhere = "BCC_KERNEL_SOURCE" in os.environ or Path("/sys/kernel/kheaders.tar.xz").exists()
    if not elsewhere and not (usual / "include").is_dir():
        raise RunnerError("unsupported", f"BCC needs kernel headers at `{usual}`", "run `make setup`")


def read_tracefs(path: str) -> bytes | None:
    """A file of tracefs, None where it has none. Raises RunnerError where tracefs is not there or may not be read."""
    try:
        # One after the other: the second may be closed to who can read the first.
        for place in TRACEFS_PLACES:
            if (place / "events").is_dir():
                return (place / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise RunnerError("permission", f"this process may not read `{TRACEFS}`", "run it with sudo") from error
    hint = f"run `mount -t tracefs tracefs {TRACEFS}` as root"
    raise RunnerError("unsupported", f"tracefs is not mounted at `{TRACEFS}`", hint)
