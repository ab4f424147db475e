package args

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
)

const (
	maxSeconds = 1_000_000
	maxPID     = 4_194_304
	minRing    = 4096
	maxRing    = 1 << 30
	maxBatch   = 1000
	maxWork    = 10_000
	maxCPU     = 4095

	minInterval     = 100 * time.Microsecond
	maxInterval     = time.Second
	defaultInterval = 10 * time.Millisecond
)

var recordSizes = []uint32{48, 64, 128, 256, 512, 1024}

func setDuration(cfg *config.Config, value string) bool {
	whole, fraction, hasFraction := strings.Cut(value, ".")
	if !digits(whole) || hasFraction && !digits(fraction) {
		return false
	}
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || seconds <= 0 || seconds > maxSeconds {
		return false
	}
	cfg.Duration = time.Duration(seconds * float64(time.Second))
	return true
}

func setOutput(cfg *config.Config, value string) bool {
	cfg.Output = config.Output(value)
	return cfg.Output == config.Text || cfg.Output == config.JSONL
}

func setProgramType(cfg *config.Config, value string) bool {
	cfg.ProgramType = config.ProgramType(value)
	switch cfg.ProgramType {
	case config.Tracepoint, config.RawTracepoint, config.Kprobe, config.Fentry:
		return true
	default:
		return false
	}
}

func setTargetPID(cfg *config.Config, value string) bool {
	return number(&cfg.TargetPID, value, 0, maxPID)
}

func setRingSize(cfg *config.Config, value string) bool {
	return number(&cfg.RingSize, value, minRing, maxRing) && cfg.RingSize&(cfg.RingSize-1) == 0
}

func setRecordSize(cfg *config.Config, value string) bool {
	return number(&cfg.RecordSize, value, 0, slices.Max(recordSizes)) && slices.Contains(recordSizes, cfg.RecordSize)
}

func setBatch(cfg *config.Config, value string) bool {
	return number(&cfg.Batch, value, 1, maxBatch)
}

func setWork(cfg *config.Config, value string) bool {
	return number(&cfg.Work, value, 0, maxWork)
}

func setCPU(cfg *config.Config, value string) bool {
	var cpu uint32
	ok := number(&cpu, value, 0, maxCPU)
	cfg.CPU = int(cpu)
	return ok
}

func setWakeup(cfg *config.Config, value string) bool {
	policy, parameter, hasParameter := strings.Cut(value, ":")
	cfg.Wakeup = config.Wakeup{Policy: config.WakeupPolicy(policy)}
	switch cfg.Wakeup.Policy {
	case config.Adaptive:
		return !hasParameter
	case "none":
		cfg.Wakeup = config.Wakeup{Policy: config.Timer, Interval: defaultInterval}
		return !hasParameter
	case config.Timer:
		return interval(&cfg.Wakeup.Interval, parameter)
	case config.Sampled:
		var bytes uint32
		ok := number(&bytes, parameter, 1, maxRing)
		cfg.Wakeup.Bytes = uint64(bytes)
		return ok
	default:
		return false
	}
}

// interval parses a whole number with its unit.
func interval(into *time.Duration, value string) bool {
	for _, unit := range []struct {
		suffix string
		length time.Duration
	}{{"us", time.Microsecond}, {"ms", time.Millisecond}, {"s", time.Second}} {
		count, found := strings.CutSuffix(value, unit.suffix)
		if !found || !digits(count) {
			continue
		}
		n, err := strconv.ParseUint(count, 10, 32)
		*into = time.Duration(n) * unit.length
		return err == nil && *into >= minInterval && *into <= maxInterval
	}
	return false
}

// number parses plain decimal digits: no sign, no underscores, no spaces.
func number(into *uint32, value string, least, most uint32) bool {
	if !digits(value) {
		return false
	}
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil || n < uint64(least) || n > uint64(most) {
		return false
	}
	*into = uint32(n)
	return true
}

func digits(value string) bool {
	return value != "" && strings.Trim(value, "0123456789") == ""
}
