package contract

import (
	"strings"
	"testing"
)

func report(s, untilStop Summary) string {
	return Report(Hello{Implementation: "example", Framework: "example-bpf", FrameworkVersion: "1.2.3"},
		Ready{ProgramType: "tracepoint", AttachTarget: "syscalls/sys_enter_openat2"}, s, untilStop)
}

func hasLines(t *testing.T, report string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(report, "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, report)
		}
	}
}

// The rates are of what was read until the stop, all other figures of everything.
func TestTheReportHasItsFigures(t *testing.T) {
	delays := NewDelays()
	for range 100 {
		delays.Record(0, 1000)
	}
	hasLines(t, report(Summary{
		ElapsedNs: 10_000_000_000, Attempted: 1_234_600, Submitted: 1_234_567, Dropped: 33, Received: 1_234_567,
		Latency: delays,
	}, Summary{Received: 1_000_006}),
		"program      tracepoint syscalls/sys_enter_openat2",
		"events       1234567 received of 1234600 attempted",
		"dropped      33",
		"throughput   100001 events/s",
		"latency      P50 1000 ns, P99 1000 ns",
		"accounting   balanced",
	)
}

func TestSaysWhyThereIsNothing(t *testing.T) {
	hasLines(t, report(Summary{Latency: NewDelays()}, Summary{}),
		"dropped      0", "throughput   0 events/s", "latency      none recorded", "accounting   balanced",
		"hint: nothing triggered the program; run `orchestrator load` in another terminal")
}

func TestSaysThatTheEquationsFail(t *testing.T) {
	for _, s := range []Summary{{Attempted: 5, Submitted: 3, Dropped: 1, Received: 3}, {Attempted: 4, Submitted: 3, Dropped: 1, Received: 2}} {
		if got := report(s, Summary{}); !strings.Contains(got, "accounting   NOT BALANCED: attempted ") {
			t.Errorf("got\n%s", got)
		}
	}
}
