"""Calls openat2 as often as a line on standard input says, 0 for without end; prints the sum of its calls' cookies."""

import ctypes
import itertools
import random
import sys

_OPENAT2 = 437

syscall = ctypes.CDLL(None).syscall
print("ready", flush=True)
calls = int(sys.stdin.readline())
cookies = 0
for _ in range(calls) if calls else itertools.repeat(None):
    cookie = random.getrandbits(32)
    cookies += cookie
    # Fails at once, because the size of the fourth argument's structure is 0: the cheapest trigger. A descriptor has a
    # sign, so the upper half of the argument holds ones for every second cookie; they do not count.
    syscall(_OPENAT2, ctypes.c_long(cookie - (cookie >> 31 << 32)), None, None, 0)
print(cookies, flush=True)
