package report

import (
	"os"
	"strings"
	"testing"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/identity"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/protocol"
)

func example() Report {
	return Report{
		Head:         identity.Identity{Implementation: "example", Framework: "example-bpf", FrameworkVersion: "1.2.3"}.Line(),
		ProgramType:  "tracepoint",
		AttachTarget: "syscalls/sys_enter_openat2",
		Summary: protocol.Summary{
			ElapsedNs: 10_000_000_000, Attempted: 1_234_600, Submitted: 1_234_567, Dropped: 33, Received: 1_234_567,
			Bytes: 79_012_288, Wakeups: 12_345,
		},
		ReceivedUntilStop: 1_234_567, BytesUntilStop: 79_012_288,
		Percentiles: &Percentiles{P50: 10_000, P95: 20_000, P99: 30_000, P999: 40_000, Max: 50_000},
	}
}

func TestReportIsTheSharedOne(t *testing.T) {
	want, err := os.ReadFile("../../../testdata/report.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := example().String(); got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSaysWhyThereIsNothing(t *testing.T) {
	r := example()
	r.Summary = protocol.Summary{}
	r.ReceivedUntilStop, r.BytesUntilStop = 0, 0
	r.Percentiles = nil
	got := r.String()
	want := "latency      none recorded\naccounting   balanced\n\n" +
		"hint: nothing triggered the program; run `orchestrator load` in another terminal\n"
	if !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s", got)
	}
	if !strings.Contains(got, "dropped      0 (0.00 %)\nthroughput   0 events/s, 0.00 MB/s\n") {
		t.Errorf("nothing divided by nothing is not 0:\n%s", got)
	}
}

func TestNamesTheEquationsThatFail(t *testing.T) {
	r := example()
	r.Summary = protocol.Summary{ElapsedNs: 1, Attempted: 5, Submitted: 3, Dropped: 1, Received: 2}
	want := "accounting   NOT BALANCED: attempted 5 != submitted 3 + dropped 1; submitted 3 != received 2\n"
	if got := r.String(); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s", got)
	}
}

func TestRatesAreOfWhatWasReadUntilTheStop(t *testing.T) {
	r := example()
	r.ReceivedUntilStop, r.BytesUntilStop = 50, 3_200_000
	got := r.String()
	if !strings.Contains(got, "events       1,234,567 received of 1,234,600 attempted\n") ||
		!strings.Contains(got, "throughput   5 events/s, 0.32 MB/s\n") {
		t.Errorf("got\n%s", got)
	}
}
