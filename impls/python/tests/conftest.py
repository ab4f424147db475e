"""Helpers for tests that start the runner and trigger it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PYTHON_FOLDER = Path(__file__).resolve().parent.parent
TESTDATA = PYTHON_FOLDER.parent / "testdata"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="loading BPF programs needs root")


def run_to_end(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a runner that ends by itself, with nothing on standard input."""
    return subprocess.run(
        [sys.executable, "-m", "ringbuf_throughput", *arguments],
        cwd=PYTHON_FOLDER,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


class Trigger:
    """A process that calls openat2, an exact number of times or until it is killed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("trigger.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        assert self._process.stdout.readline() == "ready\n"

    def start(self, calls: int, longest_pause: float = 0, path: str = "") -> None:
        """Let it call; 0 for without end. Before each call it sleeps up to the longest pause, in seconds."""
        self._process.stdin.write(f"{calls} {longest_pause} {path}\n")
        self._process.stdin.flush()

    def wait(self) -> int:
        """Wait until all its calls are done; the sum of their cookies."""
        cookies = int(self._process.stdout.readline())
        assert self._process.wait(timeout=30) == 0
        return cookies

    def close(self) -> None:
        """Kill it, if it has not ended."""
        self._process.kill()
        self._process.wait()


class Runner:
    """A runner that speaks to this process as to its supervisor."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ringbuf_throughput", "--output", "jsonl", *arguments],
            cwd=PYTHON_FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def message(self, message_type: str, on_counters: Callable[[dict], None] | None = None) -> dict:
        """The next message of this type; counters that come before it go to `on_counters`."""
        for line in self.process.stdout:
            message = json.loads(line)
            assert message["type"] != "error", message
            if message["type"] == message_type:
                return message
            if on_counters and message["type"] == "counters":
                on_counters(message)
        raise AssertionError(f"the runner ended without `{message_type}`")

    def wait_until_asleep(self) -> None:
        """Wait until it sleeps, which is until it waits for the ring."""
        stat = Path(f"/proc/{self.process.pid}/stat")
        while stat.read_text().rpartition(")")[2].split()[0] != "S":
            time.sleep(0.001)

    def counters_with(self, received: int) -> dict:
        """Wait until so many records were received."""
        while (counters := self.message("counters"))["received"] < received:
            pass
        return counters

    def stop(self) -> dict:
        """Stop it politely and return its summary."""
        self.process.send_signal(signal.SIGTERM)
        return self.summary()

    def summary(self, on_counters: Callable[[dict], None] | None = None) -> dict:
        """Wait for its summary, which must be its last line, and for a good exit status."""
        summary = self.message("summary", on_counters)
        assert self.process.stdout.read() == ""
        assert self.process.wait(timeout=10) == 0
        return summary

    def close(self) -> None:
        """Kill it, if it has not ended."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def trigger() -> Iterator[Trigger]:
    """A trigger, waiting."""
    started = Trigger()
    yield started
    started.close()


@pytest.fixture
def start_runner() -> Iterator[Callable[..., Runner]]:
    """Starts runners, which end with the test at the latest."""
    runners = []

    def start(*arguments: str) -> Runner:
        runners.append(Runner(*arguments))
        return runners[-1]

    yield start
    for runner in runners:
        runner.close()
