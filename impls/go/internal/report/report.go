// Package report renders the text report for a person.
package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/protocol"
)

// Report is what the text report shows.
type Report struct {
	// Head is the version line.
	Head         string
	ProgramType  string
	AttachTarget string
	Summary      protocol.Summary
	// ReceivedUntilStop and BytesUntilStop are what was read until the runner decided to stop: the rates are of these.
	// Summary also counts what was drained after that.
	ReceivedUntilStop uint64
	BytesUntilStop    uint64
	// Percentiles is nil when no delay was recorded.
	Percentiles *Percentiles
}

// Percentiles are delays in nanoseconds.
type Percentiles struct {
	P50, P95, P99, P999, Max int64
}

// String renders the report, as impls/testdata/README.md describes it.
func (r Report) String() string {
	s := r.Summary
	seconds := float64(s.ElapsedNs) / 1e9

	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", r.Head)
	fmt.Fprintf(&b, "program      %s %s\n", r.ProgramType, r.AttachTarget)
	fmt.Fprintf(&b, "elapsed      %.3f s\n", seconds)
	fmt.Fprintf(&b, "events       %s received of %s attempted\n", grouped(s.Received), grouped(s.Attempted))
	fmt.Fprintf(&b, "dropped      %s (%.2f %%)\n", grouped(s.Dropped), 100*ratio(float64(s.Dropped), float64(s.Attempted)))
	fmt.Fprintf(&b, "throughput   %s events/s, %.2f MB/s\n",
		grouped(uint64(math.Round(ratio(float64(r.ReceivedUntilStop), seconds)))),
		ratio(float64(r.BytesUntilStop), seconds)/1e6)
	fmt.Fprintf(&b, "wakeups      %s\n", grouped(s.Wakeups))
	fmt.Fprintf(&b, "latency      %s\n", r.latency())
	fmt.Fprintf(&b, "accounting   %s\n", accounting(s))
	if s.Attempted == 0 {
		b.WriteString("\nhint: nothing triggered the program; run `orchestrator load` in another terminal\n")
	}
	return b.String()
}

func (r Report) latency() string {
	p := r.Percentiles
	if p == nil {
		return "none recorded"
	}
	return fmt.Sprintf("P50 %s ns, P95 %s ns, P99 %s ns, P99.9 %s ns, max %s ns",
		grouped(uint64(p.P50)), grouped(uint64(p.P95)), grouped(uint64(p.P99)), grouped(uint64(p.P999)), grouped(uint64(p.Max)))
}

// accounting names every equation that fails: no number is taken on trust.
func accounting(s protocol.Summary) string {
	var failed []string
	if s.Attempted != s.Submitted+s.Dropped {
		failed = append(failed, fmt.Sprintf("attempted %d != submitted %d + dropped %d", s.Attempted, s.Submitted, s.Dropped))
	}
	if s.Submitted != s.Received+s.Lost {
		failed = append(failed, fmt.Sprintf("submitted %d != received %d", s.Submitted, s.Received))
	}
	if len(failed) == 0 {
		return "balanced"
	}
	return "NOT BALANCED: " + strings.Join(failed, "; ")
}

func ratio(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}

// grouped writes a number with a comma between groups of three digits.
func grouped(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
