package protocol

import (
	"bytes"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
)

func TestMessagesAreTheSharedOnes(t *testing.T) {
	want, err := os.ReadFile("../../../testdata/protocol.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	hint := "use `--program-type tracepoint`, or a kernel built with CONFIG_KPROBES=y"
	var got bytes.Buffer
	w := NewWriter(&got)
	err = errors.Join(
		w.Hello(Hello{
			ProtocolVersion: 2, Implementation: "example", Framework: "example-bpf", FrameworkVersion: "1.2.3", PID: 4242,
		}),
		w.Ready(Ready{
			ProgramIDs: []uint32{7}, MapIDs: []uint32{11, 12, 13}, LoadNs: 2_500_000, AttachNs: 40_000,
			ProgramType: "tracepoint", AttachTarget: "syscalls/sys_enter_openat2",
		}),
		w.Counters(Counters{TNs: 123_456_789_012, Received: 23, Bytes: 1472, Wakeups: 5}),
		w.Summary(Summary{
			ElapsedNs: 10_000_000_000, Attempted: 25, Submitted: 23, Dropped: 2, DroppedMarks: 12_884_901_888,
			Received: 23, Bytes: 1472, Marks: math.MaxUint64, Wakeups: 5,
		}),
		w.Error(Error{Kind: "unsupported", Message: "this kernel has no kprobes (CONFIG_KPROBES is off)", Hint: &hint}),
		w.Error(Error{Kind: "internal", Message: "a \"quoted\"\tname\\"}),
	)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

func TestMarkupStandsForItself(t *testing.T) {
	var got bytes.Buffer
	if err := NewWriter(&got).Error(Error{Kind: "usage", Message: "<a> & <b>"}); err != nil {
		t.Fatal(err)
	}
	if want := `{"type":"error","kind":"usage","message":"<a> & <b>","hint":null}` + "\n"; got.String() != want {
		t.Errorf("got %s", got.String())
	}
}

func TestALineStaysUnder64KiB(t *testing.T) {
	var got bytes.Buffer
	if err := NewWriter(&got).Error(Error{Kind: "usage", Message: strings.Repeat("\x01", 1<<20)}); err != nil {
		t.Fatal(err)
	}
	if got.Len() >= 64<<10 {
		t.Errorf("the line has %d bytes", got.Len())
	}
}
