"""Helpers for tests that start the runner and trigger it."""

import ctypes
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PYTHON_FOLDER = Path(__file__).resolve().parent.parent
TESTDATA = PYTHON_FOLDER.parent / "testdata"
RUNNER = [sys.executable, "-I", "-B", str(PYTHON_FOLDER)]
# Process 4194304 cannot exist: pids end before it.
NOBODY = ("--target-pid", "4194304")

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="loading BPF programs needs root")
_syscall = ctypes.CDLL(None).syscall


def run_to_end(*arguments: str, within: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run a runner that ends by itself, with nothing on standard input; `within` is a command that starts it."""
    command = [*within, *RUNNER, *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def trigger(calls: int) -> int:
    """Call openat2 from this process and return the sum of the cookies."""
    cookies = 0
    for _ in range(calls):
        cookie = random.getrandbits(32)
        cookies += cookie
        trigger_with(cookie)
    return cookies


def trigger_with(cookie: int) -> None:
    """Call openat2 with this cookie."""
    # A descriptor has a sign, so the upper half of the argument holds ones for every second cookie; they do not
    # count. Fails at once, because the size of the fourth argument's structure is 0: the cheapest trigger.
    _syscall(437, ctypes.c_long(cookie - (cookie >> 31 << 32)), None, None, 0)


class Runner:
    """A runner that counts what this process triggers, and speaks to it as to its supervisor."""

    def __init__(self, *arguments: str) -> None:
        command = [*RUNNER, "--output", "jsonl", "--duration", "60", "--target-pid", str(os.getpid()), *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = self.message("ready")

    def message(self, message_type: str, before: Callable[[dict], None] = lambda _: None) -> dict:
        """The next message of this type; those that come before it go to `before`."""
        for line in self.process.stdout:
            message = json.loads(line)
            assert message["type"] != "error", message
            if message["type"] == message_type:
                return message
            before(message)
        raise AssertionError(f"the runner ended without `{message_type}`")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> dict:
        """Stop it politely and return its summary, which must balance."""
        self.process.send_signal(number)
        summary = self.message("summary")
        assert self.process.wait(timeout=10) == 0
        assert summary["attempted"] == summary["submitted"] + summary["dropped"]
        assert summary["submitted"] == summary["received"]
        return summary


@pytest.fixture
def start() -> Iterator[Callable[..., Runner]]:
    """Starts runners, which end with the test at the latest."""
    runners = []

    def started(*arguments: str) -> Runner:
        runners.append(Runner(*arguments))
        return runners[-1]

    yield started
    for runner in runners:
        runner.process.kill()
        runner.process.wait()
