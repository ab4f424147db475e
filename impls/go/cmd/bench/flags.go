package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/attach"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/contract"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/mechanism"
)

// settings is a checked command line.
type settings struct {
	duration         time.Duration
	verbose, latency bool
	output           string
	kind             *attach.Type
	target           string
	ringSize         uint32
	knobs            mechanism.RingbufKnobs
	// interval is 0 where the ring wakes the consumer; otherwise the time between two looks at it.
	interval time.Duration
	// cpu is -1 where the scheduler decides.
	cpu int
}

// parse reads the command line. It returns a text instead, where one is all that was asked for. What was read before an error is
// there too, so that the error can be a message.
func parse(arguments []string) (s settings, text string, err error) {
	s = settings{
		duration: 10 * time.Second, output: "text", kind: attach.Types[0], ringSize: 16 << 20, cpu: -1,
		knobs: mechanism.RingbufKnobs{RecordSize: 64, Batch: 1, SyscallNr: unix.SYS_OPENAT2},
	}
	set := flag.NewFlagSet("ringbuf_throughput", flag.ContinueOnError)
	var help bytes.Buffer
	set.SetOutput(&help)

	number := func(name, usage, expected string, into *uint32, good func(n uint32) bool) {
		usage = fmt.Sprintf("%s: %s (default %d)", usage, expected, *into)
		set.Func(name, usage, func(value string) error {
			n, err := strconv.ParseUint(value, 10, 32)
			if err != nil || !good(uint32(n)) {
				return errors.New("expected " + expected)
			}
			*into = uint32(n)
			return nil
		})
	}
	between := func(least, most uint32) func(n uint32) bool {
		return func(n uint32) bool { return n >= least && n <= most }
	}
	set.Func("duration", "stop after so many `SECONDS` (default 10)", s.setDuration)
	set.Func("d", "the same as --duration, in `SECONDS`", s.setDuration)
	set.BoolVar(&s.verbose, "verbose", false, "show progress and the framework's own log on standard error")
	set.BoolVar(&s.verbose, "v", false, "the same as --verbose")
	set.Func("output", "`FORMAT`: text for a person, jsonl for a supervisor (default text)", func(value string) error {
		if value != "text" && value != "jsonl" {
			return errors.New("expected text or jsonl")
		}
		s.output = value
		return nil
	})
	var types []string
	for _, kind := range attach.Types {
		types = append(types, kind.Name)
	}
	set.Func("program-type", "`TYPE` of the program: "+strings.Join(types, ", ")+" (default "+types[0]+")", func(value string) error {
		i := slices.Index(types, value)
		if i < 0 {
			return errors.New("expected one of " + strings.Join(types, ", "))
		}
		s.kind = attach.Types[i]
		return nil
	})
	set.Func("attach-target", "`TARGET` of the program (default the entry of openat2)", func(value string) error {
		if s.target = value; value == "" {
			return errors.New("expected where to attach the program")
		}
		return nil
	})
	number("target-pid", "count only this process, `PID`; 0 counts every one", "0 to 4194304", &s.knobs.TargetPid, between(0, 1<<22))
	number("ring-size", "`BYTES` of the ring buffer", "a power of two from 4096 to 1073741824", &s.ringSize,
		func(n uint32) bool { return between(4096, 1<<30)(n) && bits.OnesCount32(n) == 1 })
	number("record-size", "`BYTES` of a record", "48, 64, 128, 256, 512 or 1024", &s.knobs.RecordSize,
		func(n uint32) bool { return slices.Contains([]uint32{48, 64, 128, 256, 512, 1024}, n) })
	number("batch", "`N` records per trigger", "1 to 1000", &s.knobs.Batch, between(1, 1000))
	set.Func("wakeup", "`POLICY` of waking the consumer: "+wakeups+" (default adaptive)", s.setWakeup)
	number("work", "`N` rounds of extra work per trigger", "0 to 10000", &s.knobs.Work, between(0, 10_000))
	set.BoolVar(&s.latency, "latency", false, "record the delay of each event (always on with text output)")
	set.Func("cpu", "pin the runner to CPU `N`, 0 to 4095 (default not pinned)", func(value string) error {
		cpu, err := strconv.ParseUint(value, 10, 12)
		if err != nil {
			return errors.New("expected a CPU number from 0 to 4095")
		}
		s.cpu = int(cpu)
		return mayRunOn(s.cpu)
	})
	version := set.Bool("version", false, "print the versions")
	set.BoolVar(version, "V", false, "the same as --version")

	err = set.Parse(arguments)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return s, help.String(), nil
	case err != nil:
		return s, "", misused(err)
	case *version:
		return s, contract.Own().VersionLine(), nil
	case set.NArg() > 0:
		return s, "", misused(fmt.Errorf("unexpected argument %q", set.Arg(0)))
	}
	s.latency = s.latency || s.output == "text"
	if s.target = cmp.Or(s.target, s.kind.Default); !s.kind.Grammar.MatchString(s.target) {
		err = misused(fmt.Errorf("invalid value %q for flag -attach-target: expected %s", s.target, s.kind.Expected))
	}
	return s, "", err
}

func misused(err error) error {
	return contract.Fail(contract.Usage, "run it with `--help` for the flags and their values", "%v", err)
}

func (s *settings) setDuration(value string) error {
	seconds, err := strconv.ParseFloat(value, 64)
	// The first condition is about signs, exponents and names of numbers.
	if strings.Trim(value, "0123456789.") != "" || err != nil || seconds <= 0 || seconds > 1e6 {
		return errors.New("expected a number of seconds above 0 and at most 1000000")
	}
	s.duration = time.Duration(seconds * float64(time.Second))
	return nil
}

const wakeups = "adaptive, sampled:BYTES from 1 to 1073741824, timer:TIME from 100us to 1s, or none"

var timer = regexp.MustCompile(`^\d+(us|ms|s)$`)

func (s *settings) setWakeup(value string) error {
	if value == "none" {
		value = "timer:10ms"
	}
	policy, parameter, _ := strings.Cut(value, ":")
	s.knobs.Wakeup, s.knobs.WakeupBytes, s.interval = mechanism.WakeupAdaptive, 0, 0
	good := value == "adaptive"
	switch policy {
	case "sampled":
		bytes, err := strconv.ParseUint(parameter, 10, 32)
		s.knobs.Wakeup, s.knobs.WakeupBytes = mechanism.WakeupSampled, bytes
		good = err == nil && bytes >= 1 && bytes <= 1<<30
	case "timer":
		interval, err := time.ParseDuration(parameter)
		s.knobs.Wakeup, s.interval = mechanism.WakeupTimer, interval
		good = err == nil && timer.MatchString(parameter) && interval >= 100*time.Microsecond && interval <= time.Second
	}
	if !good {
		return errors.New("expected " + wakeups)
	}
	return nil
}
