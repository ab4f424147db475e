package contract

import "fmt"

// Report is the text for a person. The rate is of what was read until the runner decided to stop; the summary also counts what
// was drained after that.
func Report(own Hello, r Ready, s, untilStop Summary) string {
	latency, accounting, hint := "none recorded", "balanced", ""
	if d := s.Latency; d != nil && d.TotalCount() > 0 {
		latency = fmt.Sprintf("P50 %d ns, P99 %d ns", d.ValueAtPercentile(50), d.ValueAtPercentile(99))
	}
	if !s.Balanced() {
		accounting = fmt.Sprintf("NOT BALANCED: attempted %d, submitted %d, dropped %d, received %d",
			s.Attempted, s.Submitted, s.Dropped, s.Received)
	}
	if s.Attempted == 0 {
		hint = "\nhint: nothing triggered the program; run `orchestrator load` in another terminal\n"
	}
	return fmt.Sprintf(`%s
program      %s %s
events       %d received of %d attempted
dropped      %d
throughput   %.0f events/s
latency      %s
accounting   %s
%s`,
		own.VersionLine(), r.ProgramType, r.AttachTarget, s.Received, s.Attempted, s.Dropped,
		float64(untilStop.Received)/(float64(max(s.ElapsedNs, 1))/1e9), latency, accounting, hint)
}
