"""What the kernel, the compiler and the machine refuse: which of it is a bug, and which is not."""

import ctypes
import errno
import os
from argparse import Namespace
from pathlib import Path

import pytest
from conftest import NOBODY, PYTHON_FOLDER, needs_root, run_to_end

from bench import program
from bench.contract.flags import parse
from bench.contract.messages import EXIT_STATUS, RunnerError
from bench.framework import framework_log
from bench.mechanisms.ringbuf import RingBuffer
from bench.program import Program

pytestmark = needs_root

# Maps that every kernel creates, and a program that it accepts.
MAPS = "BPF_HASH(events, u32, u32, 1); BPF_HASH(counters, u32, u32, 1);"
PROGRAM = "int ENTRY(void *ctx) { return 0; }"


def refusal(monkeypatch: pytest.MonkeyPatch, folder: Path, maps: str = MAPS, source: str = PROGRAM) -> RunnerError:
    """The error of loading another source than the runner's."""
    for name, text in (("ringbuf", maps), ("produce", ""), ("tracepoint", source)):
        (folder / f"{name}.c").write_text(text)
    monkeypatch.setattr(program, "_TEXTS", folder)
    flags = Namespace()
    parse(["--output", "jsonl"], flags)
    with pytest.raises(RunnerError) as raised:
        Program(flags, RingBuffer(latency=False)).attach()
    return raised.value


def test_a_source_that_is_not_c_is_a_bug(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    error = refusal(monkeypatch, tmp_path, source="this is no program")
    assert (error.kind, str(error)) == ("internal", "BCC cannot compile the program with this kernel's headers")


def test_a_program_that_the_verifier_rejects_is_a_bug(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A register that holds nothing.
    source = 'int ENTRY(void *ctx) { u64 x; asm volatile("%0 = r9" : "=r"(x)); return x; }'
    error = refusal(monkeypatch, tmp_path, source=source)
    assert error.kind == "internal"
    assert str(error).startswith("the verifier refuses the `tracepoint` program for `syscalls/sys_enter_openat2`: Perm")


def test_a_map_that_the_kernel_does_not_create_is_no_bug(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Three pages are no size for a ring.
    error = refusal(monkeypatch, tmp_path, maps="BPF_RINGBUF_OUTPUT(events, 3);")
    assert error.kind == "unsupported"
    assert str(error).endswith("program: cannot create map events, error: Invalid argument")


@pytest.mark.parametrize(("number", "status"), [(errno.EPERM, 69), (errno.EOPNOTSUPP, 69), (524, 69), (0, 70)])
@pytest.mark.parametrize("log", [b"", b"Function foo has no entry\nprocessed 0 insns (limit 1000000)\n"])
def test_what_the_kernel_lacks_is_unsupported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int, status: int, log: bytes
) -> None:
    def attach(*_: object) -> None:
        os.write(2, log)
        ctypes.set_errno(number)
        raise OSError

    monkeypatch.setattr(program.TYPES["tracepoint"], "attach", attach)
    assert EXIT_STATUS[refusal(monkeypatch, tmp_path).kind] == status


def test_the_log_is_shown_on_request(capfd: pytest.CaptureFixture) -> None:
    for show in (False, True):
        with framework_log(show=show) as said:
            os.write(2, b"told\n")
            assert said() == "told\n"
        assert capfd.readouterr().err == ("told\n" if show else "")


# A user who has the capabilities that loading needs, and none for files.
AS_NOBODY = (
    *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
    *("--inh-caps=+cap_38,+cap_39", "--ambient-caps=+cap_38,+cap_39"),
)
needs_access = pytest.mark.skipif(
    not all(folder.stat().st_mode & 0o005 == 0o005 for folder in [PYTHON_FOLDER, *PYTHON_FOLDER.parents]),
    reason="the checkout is not readable for others",
)


@needs_access
def test_a_process_that_may_not_read_tracefs_is_told_so() -> None:
    result = run_to_end(within=AS_NOBODY)
    assert result.stderr == "error: this process may not read `/sys/kernel/tracing`\n\nhint: run it with sudo\n"
    assert result.returncode == 69


@needs_access
def test_the_two_capabilities_are_enough_without_tracefs() -> None:
    result = run_to_end("-d", "0.2", "--program-type", "raw_tracepoint", *NOBODY, within=AS_NOBODY)
    assert (result.returncode, result.stderr) == (0, "")


def after(commands: str) -> tuple[str, ...]:
    """After shell commands that change the mounts, which nobody else sees."""
    return ("unshare", "--mount", "sh", "-c", f'{commands}; exec "$@"', "sh")


def test_tracefs_below_debugfs_is_found() -> None:
    mounts = after("umount /sys/kernel/tracing; mount -t debugfs debugfs /sys/kernel/debug")
    result = run_to_end("-d", "0.2", *NOBODY, within=mounts)
    if "tracefs is not mounted" in result.stderr:
        pytest.skip("no debugfs here")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("commands", "message"),
    [
        (
            "umount -l /sys/kernel/debug 2>/dev/null; umount -l /sys/kernel/tracing",
            "tracefs is not mounted at `/sys/kernel/tracing`",
        ),
        ("mount -t tmpfs none /lib/modules", "BCC needs kernel headers at `/lib/modules/{RELEASE}/build`"),
    ],
)
def test_what_is_missing_is_named(commands: str, message: str) -> None:
    result = run_to_end(within=after(commands))
    assert result.returncode == 69
    assert result.stderr.startswith(f"error: {message.format(RELEASE=os.uname().release)}\n\nhint: run `m")


def test_an_unknown_tracepoint_is_unsupported_for_a_supervisor_too() -> None:
    result = run_to_end("--output", "jsonl", "--attach-target", "syscalls/foo")
    assert result.returncode == 69
    assert '"kind":"unsupported","message":"this kernel has no tracepoint `syscalls/foo`"' in result.stdout


def test_a_closed_standard_output_is_an_error() -> None:
    result = run_to_end("--version", within=("sh", "-c", 'exec "$@" >&-', "sh"))
    assert result.returncode == 70
    assert result.stderr.startswith("error: cannot write to standard output: ")
