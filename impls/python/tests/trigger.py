"""Calls openat2 as often as a line on standard input says; 0 for without end."""

import ctypes
import itertools
import sys

_OPENAT2 = 437

syscall = ctypes.CDLL(None).syscall
print("ready", flush=True)
calls = int(sys.stdin.readline())
for _ in range(calls) if calls else itertools.repeat(None):
    # Fails at once, because the size of the fourth argument's structure is 0: the cheapest trigger.
    syscall(_OPENAT2, -1, None, None, 0)
