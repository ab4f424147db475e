"""The output of `--help`, equal in every runner (impls/testdata/help.txt)."""

HELP = """\
Counts and checks ring buffer events from a BPF program on openat2

Usage: ringbuf_throughput [OPTIONS]

Options:
  -d, --duration SECONDS      Stop after this many seconds, such as 10 or 0.5 [default: 10]
  -v, --verbose               Show progress and the framework's own log on standard error
      --output FORMAT         text for a person or jsonl for a supervisor [default: text]
      --program-type TYPE     tracepoint, raw_tracepoint, kprobe or fentry [default: tracepoint]
      --attach-target TARGET  Where to attach the program [default: the entry of openat2]
      --target-pid PID        Count only this process; 0 counts every process [default: 0]
      --ring-size BYTES       Size of the ring buffer, a power of two from 4096 [default: 16777216]
      --record-size BYTES     48, 64, 128, 256, 512 or 1024 [default: 64]
      --batch N               Records per trigger, 1 to 1000 [default: 1]
      --wakeup POLICY         adaptive, sampled:BYTES, timer:TIME or none [default: adaptive]
      --work N                Rounds of extra work in the BPF program per trigger, 0 to 10000 [default: 0]
      --latency               Record the delay of each event (always on with text output)
      --cpu N                 Pin the runner to this CPU [default: not pinned]
  -V, --version               Print the versions
  -h, --help                  Print this help

Exit status: 0 good, 64 bad flags, 69 this kernel or these privileges cannot do it, 70 bug.
The messages of `--output jsonl` are described in docs/PROTOCOL.md.
"""
