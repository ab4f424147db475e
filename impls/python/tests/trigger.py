"""Calls openat2 as often as a line on standard input says, and prints the sum of its calls' cookies.

The line has the number of calls, 0 for without end, and the longest pause between two, in seconds. With a third word, a
file, it calls openat for that instead.
"""

import ctypes
import itertools
import random
import sys
import time

_OPENAT2 = 437

libc = ctypes.CDLL(None)
syscall = libc.syscall
print("ready", flush=True)
count, longest_pause, *paths = sys.stdin.readline().split()
calls, pause = int(count), float(longest_pause)
cookies = 0
for _ in range(calls) if calls else itertools.repeat(None):
    if pause:
        time.sleep(random.uniform(0, pause))
    cookie = random.getrandbits(32)
    cookies += cookie
    # A descriptor has a sign, so the upper half of the argument holds ones for every second cookie; they do not count.
    descriptor = ctypes.c_long(cookie - (cookie >> 31 << 32))
    if paths:
        # An absolute path, so that the descriptor is ignored; it gets as far as to the functions behind the entry.
        libc.close(libc.openat(descriptor, paths[0].encode(), 0))
    else:
        # Fails at once, because the size of the fourth argument's structure is 0: the cheapest trigger.
        syscall(_OPENAT2, descriptor, None, None, 0)
print(cookies, flush=True)
