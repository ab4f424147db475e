#!/usr/bin/env python3
"""Capacity without the supervisor, of a runner or of a bare loop: nanoseconds of CPU an event, printed as one number.

Starts the load paused and the runner on it, warms up, reads the consumer's schedstat before and after the load, when
the buffer is empty, and samples nothing in between. The consumer's processor is kept awake, as in the comparison
(docs/decisions/0009). It is the yardstick for what supervising costs, and, with a bare loop, for what a runner does
beyond its framework: a bare loop reads the ring that the runner has made and fills, while the runner itself is stopped.

    alone.py ORCHESTRATOR RUNNER SECONDS RUNNER_CPU LOAD_CPU [BARE LOOP...]
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

RING_BYTES = 16 * 1024 * 1024
SLOT_BYTES = 72  # a 64-byte record and the kernel's 8-byte header
BATCH = 100
BURST_TRIGGERS = RING_BYTES * 7 // 8 // (BATCH * SLOT_BYTES)
IDLE_S = 0.3  # longer than any timer of a consumer: then the buffer is empty


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
    time.sleep(IDLE_S)
    return message


@contextlib.contextmanager
def load_and_runner(orchestrator: str, runner: str, seconds: float, cpus: tuple) -> Iterator[tuple]:
    """A paused load, and a runner that is ready for it; also the runner's `ready` message."""
    load_argv = [orchestrator, "load", "--pattern=bursts", f"--burst={BURST_TRIGGERS}", "--pause=20ms"]
    load_argv += [f"--duration={seconds}", f"--cpus={cpus[1]}", "--paused", "--output=jsonl"]
    runner_argv = [runner, "--output=jsonl", f"--duration={seconds + 30}", f"--batch={BATCH}", f"--cpu={cpus[0]}"]
    runner_argv += [f"--wakeup=sampled:{BURST_TRIGGERS * BATCH * SLOT_BYTES}", f"--ring-size={RING_BYTES}"]
    pipe = subprocess.PIPE
    with subprocess.Popen(load_argv, stdin=pipe, stdout=pipe, text=True) as load:
        json.loads(load.stdout.readline())
        runner_argv.append(f"--target-pid={load.pid}")
        with subprocess.Popen(runner_argv, stdin=pipe, stdout=pipe, text=True) as consumer:
            while (message := json.loads(consumer.stdout.readline()))["type"] != "ready":
                if message["type"] == "error":
                    sys.exit(f"error: {runner}: {message['message']}")
            try:
                yield load, consumer, message
            finally:
                consumer.kill()


def measured(load: subprocess.Popen, pid: int, cpu: int) -> tuple[int, int, int]:
    """CPU time of a process while the load runs, nanoseconds, the events of that, and those of the warm-up as well."""
    with awake(cpu):
        warm = answer(load, "warm-up 300", "warmed")["issued"]
        before = cpu_ns(pid)
        issued = answer(load, "go", "report")["issued"]
        return cpu_ns(pid) - before, issued * BATCH, (warm + issued) * BATCH


def runner_alone(orchestrator: str, runner: str, seconds: float, cpus: tuple) -> float:
    """What an event costs a runner, nanoseconds."""
    with load_and_runner(orchestrator, runner, seconds, cpus) as (load, consumer, _):
        cpu, events, total = measured(load, consumer.pid, int(cpus[0]))
        consumer.send_signal(signal.SIGTERM)
        summary = json.loads(consumer.stdout.readlines()[-1])
    check("the runner", summary["received"], total)
    return cpu / events


def bare_loop(orchestrator: str, runner: str, seconds: float, cpus: tuple, loop: list) -> float:
    """What an event costs a bare loop, nanoseconds."""
    with load_and_runner(orchestrator, runner, seconds, cpus) as (load, consumer, ready):
        consumer.send_signal(signal.SIGSTOP)
        last_error = "the runner names no ring buffer"
        for map_id in ready["map_ids"]:
            argv = [*loop, str(map_id), str(cpus[0])]
            with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as bare:
                # A map of another kind is refused by the framework: the next one is tried.
                if bare.stdout.readline() != "ready\n":
                    last_error = bare.stderr.read().strip()
                    continue
                cpu, events, total = measured(load, bare.pid, int(cpus[0]))
                bare.send_signal(signal.SIGTERM)
                text, complaint = bare.communicate()
                if bare.returncode != 0:
                    sys.exit(f"error: {' '.join(argv)} ended with status {bare.returncode}: {complaint.strip()}")
                check(loop[0], int(text.split()[0]), total)
                return cpu / events
        sys.exit(f"error: {' '.join(loop)}: {last_error}")


def check(who: str, received: int, caused: int) -> None:
    """Ends the program when not all events arrived."""
    if received != caused:
        sys.exit(f"error: {who} received {received} of {caused} events")


def main() -> int:
    """Runs once."""
    if len(sys.argv) < 6:
        print(__doc__, file=sys.stderr)
        return 64
    orchestrator, runner, seconds, runner_cpu, load_cpu, *loop = sys.argv[1:]
    common = (orchestrator, runner, float(seconds), (runner_cpu, load_cpu))
    measure: Callable[..., float] = bare_loop if loop else runner_alone
    print(f"{measure(*common, *([loop] if loop else [])):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
