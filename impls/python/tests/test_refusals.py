"""What the kernel, the compiler and the machine refuse: which of it is a bug, and which is not."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PYTHON_FOLDER, Runner, needs_root, run_to_end

from ringbuf_throughput import kernel, program
from ringbuf_throughput.args import parse
from ringbuf_throughput.errors import RunnerError
from ringbuf_throughput.framework_log import FrameworkLog
from ringbuf_throughput.program import Program, refused_map

pytestmark = needs_root


def load(source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program_type: str = "tracepoint") -> RunnerError:
    """The error of loading another source than the runner's."""
    file = tmp_path / "program.bpf.c"
    file.write_text(source)
    monkeypatch.setattr(program, "_SOURCE", file)
    options = parse(["--output", "jsonl", "--program-type", program_type])
    with pytest.raises(RunnerError) as raised:
        Program(options)
    return raised.value


def test_a_source_that_is_not_c_is_a_bug(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    error = load("this is no program", monkeypatch, tmp_path)
    assert (error.kind, error.exit_status) == ("internal", 70)
    assert error.message == "BCC cannot compile the program with this kernel's headers"


def test_a_program_that_the_verifier_rejects_is_a_bug(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A register that holds nothing.
    source = 'int ON_TRACEPOINT(void *ctx) { u64 x; asm volatile("%0 = r9" : "=r"(x)); return x; }'
    error = load(source, monkeypatch, tmp_path)
    assert (error.kind, error.exit_status) == ("internal", 70)
    assert error.message == "the verifier refuses the `tracepoint` program: Permission denied"


def test_a_verdict_is_told_from_what_the_kernel_finds_before() -> None:
    for text, is_verdict in (
        (b"R9 !read_ok\nprocessed 1 insns (limit 1000000)\n", True),
        (b"Function foo has no entry\nprocessed 0 insns (limit 1000000)\n", False),
        (b"bpf: Failed to load program: Operation not permitted\n", False),
    ):
        with FrameworkLog(show=False) as log:
            os.write(2, text)
            assert log.has_verdict() == is_verdict


def test_the_log_is_shown_on_request(capfd: pytest.CaptureFixture) -> None:
    for show in (False, True):
        with FrameworkLog(show=show):
            os.write(2, b"said\n")
        assert capfd.readouterr().err == ("said\n" if show else "")


@pytest.mark.parametrize(("number", "status"), [(errno.EPERM, 69), (errno.EOPNOTSUPP, 69), (524, 69), (0, 70)])
def test_what_the_kernel_lacks_is_unsupported(number: int, status: int) -> None:
    assert kernel.program_refused("tracepoint", number).exit_status == status


def test_a_map_that_the_kernel_does_not_create_is_known_from_a_bad_source() -> None:
    assert refused_map(4096) is None
    # Not a power of two, as a type that it does not know.
    assert refused_map(3 * 4096) == "Invalid argument"


def as_nobody(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a runner with the capabilities that loading needs and none for files."""
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    command += ["--inh-caps=+cap_38,+cap_39", "--ambient-caps=+cap_38,+cap_39"]
    command += [sys.executable, "-m", "ringbuf_throughput", *arguments]
    return subprocess.run(
        command, cwd=PYTHON_FOLDER, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )


def nobody_can_read(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o005 == 0o005 for parent in [folder, *folder.parents])


@pytest.mark.skipif(not nobody_can_read(PYTHON_FOLDER), reason="the checkout is not readable for others")
def test_a_process_that_may_not_read_tracefs_is_told_so() -> None:
    result = as_nobody()
    assert result.stderr == "error: this process may not read `/sys/kernel/tracing`\n\nhint: run it with sudo\n"
    assert result.returncode == 69


@pytest.mark.skipif(not nobody_can_read(PYTHON_FOLDER), reason="the checkout is not readable for others")
def test_the_two_capabilities_are_enough_without_tracefs() -> None:
    result = as_nobody("-d", "0.2", "--program-type", "raw_tracepoint", "--target-pid", "4194304")
    assert (result.returncode, result.stderr) == (0, "")


def in_own_mounts(commands: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a runner after shell commands that change the mounts, which nobody else sees."""
    script = f'{commands}; exec "$@"'
    runner = [sys.executable, "-m", "ringbuf_throughput", *arguments]
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", *runner],
        cwd=PYTHON_FOLDER,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_tracefs_below_debugfs_is_found() -> None:
    commands = "umount /sys/kernel/tracing; mount -t debugfs debugfs /sys/kernel/debug"
    result = in_own_mounts(commands, "-d", "0.2", "--target-pid", "4194304")
    if "tracefs is not mounted" in result.stderr:
        pytest.skip("no debugfs here")
    assert (result.returncode, result.stderr) == (0, "")
    assert "accounting   balanced" in result.stdout


def test_a_missing_tracefs_is_named() -> None:
    result = in_own_mounts("umount -l /sys/kernel/debug 2>/dev/null; umount -l /sys/kernel/tracing")
    assert result.returncode == 69
    assert result.stderr == (
        "error: tracefs is not mounted at `/sys/kernel/tracing`\n\n"
        "hint: run `mount -t tracefs tracefs /sys/kernel/tracing` as root\n"
    )


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["--output", "jsonl"], ["-d", "0.1"]])
def test_standard_output_that_nobody_reads_is_an_error(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        result = subprocess.run(
            [sys.executable, "-m", "ringbuf_throughput", *arguments],
            cwd=PYTHON_FOLDER,
            stdin=subprocess.DEVNULL,
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert result.returncode == 70
    assert result.stderr == "error: cannot write to standard output: Broken pipe\n"


def test_standard_output_that_is_closed_in_mid_run_stops_it() -> None:
    runner = Runner("--duration", "60")
    try:
        runner.message("ready")
        runner.process.stdout.close()
        assert runner.process.wait(timeout=10) == 70
        assert runner.process.stderr.read() == "error: cannot write to standard output: Broken pipe\n"
    finally:
        runner.close()


def test_a_closed_standard_output_is_an_error() -> None:
    command = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-m", "ringbuf_throughput", "--version"]
    result = subprocess.run(command, cwd=PYTHON_FOLDER, capture_output=True, text=True)
    assert result.returncode == 70
    assert result.stderr.startswith("error: cannot write to standard output: ")


def test_a_supervisor_is_told_what_a_person_is() -> None:
    result = run_to_end("--output", "jsonl", "--attach-target", "syscalls/foo")
    assert '"kind":"unsupported","message":"this kernel has no tracepoint `syscalls/foo`"' in result.stdout
