package main

import (
	"flag"
	"reflect"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/attach"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/mechanism"
)

func TestAnEmptyCommandLineHasTheDefaults(t *testing.T) {
	s, text, err := parse(nil)
	if err != nil || text != "" {
		t.Fatal(text, err)
	}
	want := settings{
		duration: 10 * time.Second, latency: true /* text output shows it */, output: "text",
		kind: attach.Types[0], target: "syscalls/sys_enter_openat2", ringSize: 16777216, cpu: -1,
		knobs:     mechanism.RingbufKnobs{RecordSize: 64, Batch: 1, KeepOneIn: 1, SyscallNr: unix.SYS_OPENAT2},
		consumers: "one",
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v, want %+v", s, want)
	}
}

// The object has the same default, which the runner does not read.
func TestTheSystemCallIsTheObjectsOwn(t *testing.T) {
	spec, err := mechanism.LoadRingbuf()
	if err != nil {
		t.Fatal(err)
	}
	var knobs mechanism.RingbufKnobs
	if err := spec.Variables[mechanism.RingbufVarKnobs].Get(&knobs); err != nil || knobs.SyscallNr != unix.SYS_OPENAT2 {
		t.Errorf("got %d, %v", knobs.SyscallNr, err)
	}
}

func TestEveryFlagIsRead(t *testing.T) {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		t.Fatal(err)
	}
	s, _, err := parse([]string{
		"-d", "3", "--duration=0.25", "-v", "--output", "jsonl", "--program-type", "kprobe", "--attach-target=do_exit",
		"--target-pid", "4194304", "--ring-size", "4096", "--record-size=1024", "--batch", "1000",
		"--wakeup", "sampled:1073741824", "--work", "10000", "--keep-one-in=1000", "--lookups", "100", "--rings=cpu", "--consumers", "ring", "--latency",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := settings{
		duration: 250 * time.Millisecond, verbose: true, latency: true, output: "jsonl",
		kind: attach.Types[2], target: "do_exit", ringSize: 4096, cpu: -1,
		knobs: mechanism.RingbufKnobs{
			TargetPid: 4194304, RecordSize: 1024, Batch: 1000, Wakeup: mechanism.WakeupSampled, WakeupBytes: 1 << 30, Work: 10000,
			SyscallNr: unix.SYS_OPENAT2, KeepOneIn: 1000, Lookups: 100, Rings: 1,
		},
		consumers: "ring",
	}
	if !reflect.DeepEqual(s, want) || s.kind.Name != "kprobe" {
		t.Errorf("got %+v, want %+v", s, want)
	}
}

func TestWakeupPoliciesCarryTheirParameter(t *testing.T) {
	const adaptive, sampled, onTimer = mechanism.WakeupAdaptive, mechanism.WakeupSampled, mechanism.WakeupTimer
	for _, test := range []struct {
		value    string
		wakeup   uint32
		bytes    uint64
		interval time.Duration
	}{
		{"adaptive", adaptive, 0, 0},
		{"sampled:4096", sampled, 4096, 0},
		{"none", onTimer, 0, 10 * time.Millisecond},
		{"timer:100us", onTimer, 0, 100 * time.Microsecond},
		{"timer:7ms", onTimer, 0, 7 * time.Millisecond},
		{"timer:1s", onTimer, 0, time.Second},
	} {
		// What another one before it has set is gone.
		for _, before := range []string{"sampled:5", "timer:5ms"} {
			s, _, err := parse([]string{"--wakeup", before, "--wakeup", test.value})
			if err != nil || s.knobs.Wakeup != test.wakeup || s.knobs.WakeupBytes != test.bytes || s.interval != test.interval {
				t.Errorf("%s: got %+v, %s, %v", test.value, s.knobs, s.interval, err)
			}
		}
	}
}

func TestEachProgramTypeHasADefaultTarget(t *testing.T) {
	for _, kind := range attach.Types {
		s, _, err := parse([]string{"--program-type", kind.Name})
		if err != nil || s.target != kind.Default || s.target == "" {
			t.Errorf("%s: got %q, %v", kind.Name, s.target, err)
		}
	}
}

func TestTheOutputBeforeAMistakeCounts(t *testing.T) {
	for want, arguments := range map[string][]string{
		"jsonl": {"--output", "jsonl", "--foo"},
		"text":  {"--foo", "--output", "jsonl"},
	} {
		if s, _, err := parse(arguments); err == nil || s.output != want {
			t.Errorf("%q: got %s, %v", arguments, s.output, err)
		}
	}
	if _, _, err := parse([]string{"-h"}); err != nil {
		t.Errorf("%v is not %v", err, flag.ErrHelp)
	}
}
