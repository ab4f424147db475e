package main

import (
	"bytes"
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
	// consumers is whether a ring is read by a thread of its own: one or ring.
	consumers string
	// cpu is -1 where the scheduler decides.
	cpu int
}

// entry stands for the default of each program type, until that is known. It is no target of any.
const entry = "the entry of openat2"

// parse reads the command line. It returns a text instead, where one is all that was asked for. What was read before an error is
// there too, so that the error can be a message.
func parse(arguments []string) (s settings, text string, err error) {
	s = settings{
		duration: 10 * time.Second, ringSize: 16 << 20, cpu: -1,
		knobs: mechanism.RingbufKnobs{RecordSize: 64, Batch: 1, KeepOneIn: 1, SyscallNr: unix.SYS_OPENAT2},
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
	set.StringVar(&s.output, "output", "text", "`FORMAT`: text for a person, jsonl for a supervisor")
	var types []string
	for _, kind := range attach.Types {
		types = append(types, kind.Name)
	}
	kind := set.String("program-type", types[0], "`TYPE` of the program: "+strings.Join(types, ", "))
	set.StringVar(&s.target, "attach-target", entry, "`TARGET` of the program")
	number("target-pid", "count only this process, `PID`; 0 counts every one", "0 to 4194304", &s.knobs.TargetPid, between(0, 1<<22))
	number("ring-size", "`BYTES` of the ring buffer", "a power of two from 4096 to 1073741824", &s.ringSize,
		func(n uint32) bool { return between(4096, 1<<30)(n) && bits.OnesCount32(n) == 1 })
	number("record-size", "`BYTES` of a record", "48, 64, 128, 256, 512 or 1024", &s.knobs.RecordSize,
		func(n uint32) bool { return slices.Contains([]uint32{48, 64, 128, 256, 512, 1024}, n) })
	number("batch", "`N` records per trigger", "1 to 1000", &s.knobs.Batch, between(1, 1000))
	set.Func("wakeup", "`POLICY` of waking the consumer: "+wakeups+" (default adaptive)", s.setWakeup)
	number("work", "`N` rounds of extra work per trigger", "0 to 10000", &s.knobs.Work, between(0, 10_000))
	number("keep-one-in", "make records only of triggers whose cookie is a multiple of `N`", "1 to 1000", &s.knobs.KeepOneIn, between(1, 1000))
	number("lookups", "`N` lookups in a hash map per trigger", "0 to 100", &s.knobs.Lookups, between(0, 100))
	rings := set.String("rings", "one", "`WHICH` ring buffers: one, or one for each cpu")
	set.StringVar(&s.consumers, "consumers", "one", "`WHICH` threads read: one, or one for each ring")
	set.BoolVar(&s.latency, "latency", false, "record the delay of each event (always on with text output)")
	set.Func("cpu", "pin the runner to CPU `N` (default not pinned)", func(value string) error {
		cpu, err := strconv.ParseUint(value, 10, 12)
		var allowed unix.CPUSet
		if err != nil || unix.SchedGetaffinity(0, &allowed) != nil || !allowed.IsSet(int(cpu)) {
			return errors.New("expected a CPU from 0 to 4095 on which this process may run")
		}
		s.cpu = int(cpu)
		return nil
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
	case s.output != "text" && s.output != "jsonl":
		return s, "", invalid("output", s.output, "text or jsonl")
	case *rings != "one" && *rings != "cpu":
		return s, "", invalid("rings", *rings, "one or cpu")
	case s.consumers != "one" && s.consumers != "ring":
		return s, "", invalid("consumers", s.consumers, "one or ring")
	case !slices.Contains(types, *kind):
		return s, "", invalid("program-type", *kind, "one of "+strings.Join(types, ", "))
	}
	s.latency = s.latency || s.output == "text"
	if *rings == "cpu" {
		s.knobs.Rings = 1
	}
	s.kind = attach.Types[slices.Index(types, *kind)]
	if s.target == entry {
		s.target = s.kind.Default
	} else if !s.kind.Grammar.MatchString(s.target) {
		err = invalid("attach-target", s.target, s.kind.Expected)
	}
	return s, "", err
}

func misused(err error) error {
	return contract.Fail(contract.Usage, "run it with `--help` for the flags and their values", "%v", err)
}

func invalid(flag, value, expected string) error {
	return misused(fmt.Errorf("invalid value %q for flag -%s: expected %s", value, flag, expected))
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
