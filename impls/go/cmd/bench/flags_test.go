package args

import (
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/fault"
)

const testdata = "../../../testdata/"

func fewCPUs(cpu int) bool { return cpu < 2 }

func TestHelpIsTheSharedOne(t *testing.T) {
	want, err := os.ReadFile(testdata + "help.txt")
	if err != nil {
		t.Fatal(err)
	}
	if Help != string(want) {
		t.Error("help.txt differs from impls/testdata/help.txt")
	}
}

func TestBadCommandLinesGetTheSharedMessages(t *testing.T) {
	file, err := os.ReadFile(testdata + "usage.json")
	if err != nil {
		t.Fatal(err)
	}
	var tests []struct {
		Args    []string
		Message string
	}
	if err := json.Unmarshal(file, &tests); err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		_, _, err := Parse(test.Args, fewCPUs)
		var f *fault.Fault
		if !errors.As(err, &f) {
			t.Errorf("%q: got no fault but %v", test.Args, err)
			continue
		}
		if f.Kind != fault.Usage || f.Message != test.Message {
			t.Errorf("%q: got %s %q, want %q", test.Args, f.Kind, f.Message, test.Message)
		}
		if f.Hint != "run `ringbuf_throughput --help` for the flags and their values" {
			t.Errorf("%q: got the hint %q", test.Args, f.Hint)
		}
	}
}

func TestAnEmptyCommandLineHasTheDefaults(t *testing.T) {
	cfg, action, err := Parse(nil, fewCPUs)
	if err != nil || action != Measure {
		t.Fatal(action, err)
	}
	want := config.Default()
	want.AttachTarget = "syscalls/sys_enter_openat2"
	want.Latency = true // text output shows it
	if cfg != want {
		t.Errorf("got %+v, want %+v", cfg, want)
	}
}

func TestEveryFlagIsRead(t *testing.T) {
	cfg, action, err := Parse([]string{
		"-d", "3", "--duration=0.25", "-v", "--output", "jsonl", "--program-type", "kprobe", "--attach-target=do_exit",
		"--target-pid", "4194304", "--ring-size", "4096", "--record-size=1024", "--batch", "1000",
		"--wakeup", "sampled:1073741824", "--work", "10000", "--latency", "--cpu", "1",
	}, fewCPUs)
	if err != nil || action != Measure {
		t.Fatal(action, err)
	}
	want := config.Config{
		Duration:     250 * time.Millisecond,
		Verbose:      true,
		Output:       config.JSONL,
		ProgramType:  config.Kprobe,
		AttachTarget: "do_exit",
		TargetPID:    4194304,
		RingSize:     4096,
		RecordSize:   1024,
		Batch:        1000,
		Wakeup:       config.Wakeup{Policy: config.Sampled, Bytes: 1 << 30},
		Work:         10000,
		Latency:      true,
		CPU:          1,
	}
	if cfg != want {
		t.Errorf("got %+v, want %+v", cfg, want)
	}
}

func TestWakeupPoliciesCarryTheirParameter(t *testing.T) {
	for value, want := range map[string]config.Wakeup{
		"adaptive":     {Policy: config.Adaptive},
		"sampled:4096": {Policy: config.Sampled, Bytes: 4096},
		"none":         {Policy: config.Timer, Interval: 10 * time.Millisecond},
		"timer:100us":  {Policy: config.Timer, Interval: 100 * time.Microsecond},
		"timer:7ms":    {Policy: config.Timer, Interval: 7 * time.Millisecond},
		"timer:1s":     {Policy: config.Timer, Interval: time.Second},
	} {
		cfg, _, err := Parse([]string{"--wakeup", value}, fewCPUs)
		if err != nil || cfg.Wakeup != want {
			t.Errorf("%s: got %+v, %v", value, cfg.Wakeup, err)
		}
	}
}

func TestShortFlagsTakeTheirValueInEveryForm(t *testing.T) {
	for _, arguments := range [][]string{{"-d", "7"}, {"-d7"}, {"-d=7"}} {
		cfg, _, err := Parse(arguments, fewCPUs)
		if err != nil || cfg.Duration != 7*time.Second {
			t.Errorf("%q: got %s, %v", arguments, cfg.Duration, err)
		}
	}
}

func TestEachProgramTypeHasADefaultTarget(t *testing.T) {
	for programType, want := range map[string]string{
		"tracepoint":     "syscalls/sys_enter_openat2",
		"raw_tracepoint": "sys_enter",
		"kprobe":         syscallEntry(t),
		"fentry":         syscallEntry(t),
	} {
		cfg, _, err := Parse([]string{"--program-type", programType}, fewCPUs)
		if err != nil || cfg.AttachTarget != want {
			t.Errorf("%s: got %q, %v, want %q", programType, cfg.AttachTarget, err, want)
		}
	}
}

func syscallEntry(t *testing.T) string {
	t.Helper()
	if syscallPrefix("amd64") != "__x64_" || syscallPrefix("arm64") != "__arm64_" {
		t.Error("the prefixes of system calls are wrong")
	}
	return defaultTarget(config.Fentry)
}

func TestHelpAndVersionWinOverWhatFollows(t *testing.T) {
	for word, want := range map[string]Action{"-h": ShowHelp, "--help": ShowHelp, "-V": ShowVersion, "--version": ShowVersion} {
		_, action, err := Parse([]string{"--batch", "3", word, "--foo"}, fewCPUs)
		if err != nil || action != want {
			t.Errorf("%s: got %v, %v", word, action, err)
		}
	}
}

func TestFindsTheOutputFormatOfABadCommandLine(t *testing.T) {
	tests := []struct {
		arguments []string
		want      bool
	}{
		{[]string{"--foo", "--output", "jsonl"}, true},
		{[]string{"--output=jsonl", "--foo"}, true},
		{[]string{"--output=jsonl", "--output", "text"}, false},
		{[]string{"--foo", "--output"}, false},
		{nil, false},
	}
	for _, test := range tests {
		if got := WantsJSONL(test.arguments); got != test.want {
			t.Errorf("%q: got %t", test.arguments, got)
		}
	}
}
