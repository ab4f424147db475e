// Package config describes one measurement: everything that the flags can say.
package config

import "time"

// Config is a checked command line.
type Config struct {
	Duration    time.Duration
	Verbose     bool
	Output      Output
	ProgramType ProgramType
	// AttachTarget has the program type's default filled in.
	AttachTarget string
	// TargetPID is 0 to count every process.
	TargetPID  uint32
	RingSize   uint32
	RecordSize uint32
	Batch      uint32
	Wakeup     Wakeup
	// Work is in rounds per trigger.
	Work    uint32
	Latency bool
	// CPU is NotPinned or the CPU for every thread of the runner.
	CPU int
}

// NotPinned is the value of Config.CPU that leaves placement to the scheduler.
const NotPinned = -1

// Output is the form of standard output.
type Output string

// The forms of standard output.
const (
	Text  Output = "text"
	JSONL Output = "jsonl"
)

// ProgramType is the type of the BPF program to load.
type ProgramType string

// The program types.
const (
	Tracepoint    ProgramType = "tracepoint"
	RawTracepoint ProgramType = "raw_tracepoint"
	Kprobe        ProgramType = "kprobe"
	Fentry        ProgramType = "fentry"
)

// WakeupPolicy says when the producer wakes the consumer.
type WakeupPolicy string

// The wakeup policies.
const (
	Adaptive WakeupPolicy = "adaptive"
	Sampled  WakeupPolicy = "sampled"
	Timer    WakeupPolicy = "timer"
)

// Wakeup is a wakeup policy with its parameter.
type Wakeup struct {
	Policy WakeupPolicy
	// Bytes is the backlog that forces a wakeup, with Sampled only.
	Bytes uint64
	// Interval is how long the consumer sleeps when it has found the ring empty, with Timer only.
	Interval time.Duration
}

// Default is the configuration of an empty command line, except for the attach target, which depends on the program type.
func Default() Config {
	return Config{
		Duration:    10 * time.Second,
		Output:      Text,
		ProgramType: Tracepoint,
		RingSize:    16 << 20,
		RecordSize:  64,
		Batch:       1,
		Wakeup:      Wakeup{Policy: Adaptive},
		CPU:         NotPinned,
	}
}
