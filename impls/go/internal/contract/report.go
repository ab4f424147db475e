package contract

import (
	"fmt"
	"strconv"
)

// Report is the text for a person. The rates are of what was read until the runner decided to stop; the summary also counts what
// was drained after that.
func Report(own Hello, r Ready, s, untilStop Summary) string {
	seconds := max(float64(s.ElapsedNs)/1e9, 1e-9)
	latency := "none recorded"
	if d := s.Latency; d != nil && d.TotalCount() > 0 {
		at := func(percentile float64) string { return grouped(uint64(d.ValueAtPercentile(percentile))) }
		latency = fmt.Sprintf("P50 %s ns, P95 %s ns, P99 %s ns, P99.9 %s ns, max %s ns",
			at(50), at(95), at(99), at(99.9), grouped(uint64(d.Max())))
	}
	accounting := "balanced"
	if !s.Balanced() {
		accounting = fmt.Sprintf("NOT BALANCED: attempted %d, submitted %d, dropped %d, received %d",
			s.Attempted, s.Submitted, s.Dropped, s.Received)
	}
	hint := ""
	if s.Attempted == 0 {
		hint = "\nhint: nothing triggered the program; run `orchestrator load` in another terminal\n"
	}
	return fmt.Sprintf(`%s
program      %s %s
elapsed      %.3f s
events       %s received of %s attempted
dropped      %s (%.2f %%)
throughput   %s events/s, %.2f MB/s
wakeups      %s
latency      %s
accounting   %s
%s`,
		own.VersionLine(),
		r.ProgramType, r.AttachTarget,
		seconds,
		grouped(s.Received), grouped(s.Attempted),
		grouped(s.Dropped), 100*float64(s.Dropped)/float64(max(s.Attempted, 1)),
		grouped(uint64(float64(untilStop.Received)/seconds+0.5)), float64(untilStop.Bytes)/seconds/1e6,
		grouped(s.Wakeups),
		latency,
		accounting,
		hint)
}

// grouped writes a number with a comma between groups of three digits.
func grouped(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
