package args

import (
	"slices"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
)

// flag is one flag of the command line; exactly one of enable and set is there.
type flag struct {
	long, short string
	// enable is for a flag without a value.
	enable func(*config.Config)
	// set stores a value and tells whether it is a good one.
	set func(*config.Config, string) bool
	// expected describes the good values.
	expected string
}

var flags = []flag{
	{long: "--duration", short: "-d", set: setDuration, expected: "a number of seconds above 0 and at most 1000000"},
	{long: "--verbose", short: "-v", enable: func(c *config.Config) { c.Verbose = true }},
	{long: "--output", set: setOutput, expected: "text or jsonl"},
	{long: "--program-type", set: setProgramType, expected: "tracepoint, raw_tracepoint, kprobe or fentry"},
	// What an attach target may be depends on the program type, so resolve checks it; it never is empty.
	{long: "--attach-target", set: setAttachTarget, expected: "where to attach the program"},
	{long: "--target-pid", set: setTargetPID, expected: "a process id from 0 to 4194304"},
	{long: "--ring-size", set: setRingSize, expected: "a power of two from 4096 to 1073741824"},
	{long: "--record-size", set: setRecordSize, expected: "48, 64, 128, 256, 512 or 1024"},
	{long: "--batch", set: setBatch, expected: "a whole number from 1 to 1000"},
	{long: "--wakeup", set: setWakeup, expected: "adaptive, sampled:BYTES, timer:TIME or none, with BYTES from 1 to 1073741824 and TIME from 100us to 1s"},
	{long: "--work", set: setWork, expected: "a whole number from 0 to 10000"},
	{long: "--latency", enable: func(c *config.Config) { c.Latency = true }},
	{long: "--cpu", set: setCPU, expected: "a CPU number from 0 to 4095"},
}

func lookUp(name string) *flag {
	i := slices.IndexFunc(flags, func(f flag) bool { return name == f.long || name == f.short })
	if i < 0 {
		return nil
	}
	return &flags[i]
}
