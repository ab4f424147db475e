package contract

import (
	"bytes"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
)

func TestMessagesAreTheSharedOnes(t *testing.T) {
	want, err := os.ReadFile("../../../testdata/protocol.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	out := Output{To: &got, JSONL: true}
	err = errors.Join(
		out.Say(Hello{
			ProtocolVersion: 2, Implementation: "example", Framework: "example-bpf", FrameworkVersion: "1.2.3", PID: 4242,
		}),
		out.Say(Ready{
			ProgramIDs: []ebpf.ProgramID{7}, MapIDs: []ebpf.MapID{11, 12, 13}, LoadNs: 2_500_000, AttachNs: 40_000,
			ProgramType: "tracepoint", AttachTarget: "syscalls/sys_enter_openat2",
		}),
		out.Say(Counters{TNs: 123_456_789_012, Received: 23, Bytes: 1472, Wakeups: 5}),
		out.Say(Summary{
			ElapsedNs: 10_000_000_000, Attempted: 25, Submitted: 23, Dropped: 2, DroppedMarks: 12_884_901_888,
			Received: 23, Bytes: 1472, Marks: math.MaxUint64, Wakeups: 5,
		}),
		out.Say(*Fail(Unsupported, "use `--program-type tracepoint`, or a kernel built with CONFIG_KPROBES=y",
			"this kernel has no kprobes (CONFIG_KPROBES is off)")),
		out.Say(*Fail(Internal, "", "a \"quoted\"\tname\\")),
	)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

func TestALineStaysUnder64KiB(t *testing.T) {
	var got bytes.Buffer
	out := Output{To: &got, JSONL: true}
	if err := out.Say(*Fail(Usage, "", "%s", strings.Repeat("\x01", 1<<20))); err != nil {
		t.Fatal(err)
	}
	if got.Len() >= 64<<10 {
		t.Errorf("the line has %d bytes", got.Len())
	}
}

func TestTheHistogramIsPartOfTheSummary(t *testing.T) {
	var got bytes.Buffer
	if err := (Output{To: &got, JSONL: true}).Say(Summary{Latency: NewDelays()}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got.String(), `"latency":"HIST`) {
		t.Errorf("got %s", got.String())
	}
}

func TestAPersonGetsNoMessages(t *testing.T) {
	var got bytes.Buffer
	if err := (Output{To: &got}).Say(Own()); err != nil || got.Len() != 0 {
		t.Errorf("got %s, %v", got.String(), err)
	}
}
