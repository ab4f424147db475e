#!/usr/bin/env python3
"""Capacity of one runner without the supervisor: nanoseconds of CPU an event, printed as one number.

Starts the load paused and the runner on it, reads the runner's schedstat at `ready` and when the buffer is empty, and
samples nothing in between. It is the yardstick for what supervising costs.

    alone.py ORCHESTRATOR RUNNER SECONDS RUNNER_CPU LOAD_CPU
"""

import json
import os
import signal
import subprocess
import sys
import time

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
    runner_argv += [f"--wakeup=sampled:{burst * BATCH * SLOT_BYTES}", f"--ring-size={RING_BYTES}", f"--cpu={runner_cpu}"]
    pipe = subprocess.PIPE
    with subprocess.Popen(load_argv, stdin=pipe, stdout=pipe, text=True) as load:
        json.loads(load.stdout.readline())
        runner_argv.append(f"--target-pid={load.pid}")
        with subprocess.Popen(runner_argv, stdin=pipe, stdout=pipe, text=True) as consumer:
            while json.loads(consumer.stdout.readline())["type"] != "ready":
                pass
            before = cpu_ns(consumer.pid)
            print("go", file=load.stdin, flush=True)
            load.stdin.flush()
            while json.loads(load.stdout.readline())["type"] != "report":
                pass
            time.sleep(0.3)  # one timer period of the consumer and more: the buffer is empty
            cpu = cpu_ns(consumer.pid) - before
            consumer.send_signal(signal.SIGTERM)
            summary = json.loads(consumer.stdout.readlines()[-1])
    print(f"{cpu / summary['received']:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
