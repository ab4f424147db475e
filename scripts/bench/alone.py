#!/usr/bin/env python3
"""Capacity of one runner without the supervisor: nanoseconds of CPU an event, printed as one number.

Starts the load paused and the runner on it, warms up, reads the runner's schedstat before and after the load, when the
buffer is empty, and samples nothing in between. The runner's processor is kept awake, as in the comparison
(docs/decisions/0009). It is the yardstick for what supervising costs.

    alone.py ORCHESTRATOR RUNNER SECONDS RUNNER_CPU LOAD_CPU
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

RING_BYTES = 16 * 1024 * 1024
SLOT_BYTES = 72  # a 64-byte record and the kernel's 8-byte header
BATCH = 100


def cpu_ns(pid: int) -> int:
    """CPU time of all threads that still run, nanoseconds (first field of schedstat)."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total


@contextlib.contextmanager
def awake(cpu: int) -> Iterator[None]:
    """Keeps a processor awake with a process that runs only when nothing else wants it."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        os.sched_setaffinity(0, {cpu})
        while os.getppid() == parent:
            for _ in range(100_000):
                pass
        os._exit(0)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def answer(load: subprocess.Popen, request: str, kind: str) -> dict:
    """Writes a line to the load and waits for a message of it."""
    print(request, file=load.stdin, flush=True)
    while (message := json.loads(load.stdout.readline()))["type"] != kind:
        pass
    time.sleep(0.3)  # one timer period of the consumer and more: the buffer is empty
    return message


def main() -> int:
    """Runs once."""
    if len(sys.argv) != 6:
        print(__doc__, file=sys.stderr)
        return 64
    orchestrator, runner, seconds, runner_cpu, load_cpu = sys.argv[1:]
    burst = RING_BYTES * 7 // 8 // (BATCH * SLOT_BYTES)
    load_argv = [orchestrator, "load", "--pattern=bursts", f"--burst={burst}", "--pause=20ms", f"--duration={seconds}"]
    load_argv += [f"--cpus={load_cpu}", "--paused", "--output=jsonl"]
    runner_argv = [runner, "--output=jsonl", f"--duration={float(seconds) + 30}", f"--batch={BATCH}"]
    runner_argv += [f"--wakeup=sampled:{burst * BATCH * SLOT_BYTES}", f"--ring-size={RING_BYTES}"]
    runner_argv.append(f"--cpu={runner_cpu}")
    pipe = subprocess.PIPE
    with subprocess.Popen(load_argv, stdin=pipe, stdout=pipe, text=True) as load:
        json.loads(load.stdout.readline())
        runner_argv.append(f"--target-pid={load.pid}")
        with subprocess.Popen(runner_argv, stdin=pipe, stdout=pipe, text=True) as consumer:
            while json.loads(consumer.stdout.readline())["type"] != "ready":
                pass
            with awake(int(runner_cpu)):
                answer(load, "warm-up 300", "warmed")
                before = cpu_ns(consumer.pid)
                events = answer(load, "go", "report")["issued"] * BATCH
                cpu = cpu_ns(consumer.pid) - before
            consumer.send_signal(signal.SIGTERM)
            summary = json.loads(consumer.stdout.readlines()[-1])
    if summary["received"] != summary["attempted"]:
        sys.exit(f"error: {summary['dropped']} events were dropped")
    print(f"{cpu / events:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
