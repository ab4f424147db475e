package runner

import (
	"fmt"
	"io"
	"time"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/consumer"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/monotonic"
)

// progress tells a person on standard error what goes on, with --verbose.
type progress struct {
	log   io.Writer
	start uint64
	clock *monotonic.Clock
	// nextNs is when the counters are shown next: once a second, although they come more often.
	nextNs uint64
}

// newProgress returns a progress that stays silent when log is nil.
func newProgress(log io.Writer, clock *monotonic.Clock) *progress {
	p := &progress{log: log, start: clock.Nanos(), clock: clock}
	p.say("the clock is CLOCK_MONOTONIC to %s", clock.Uncertainty)
	return p
}

func (p *progress) say(format string, values ...any) {
	if p.log == nil {
		return
	}
	elapsed := time.Duration(p.clock.Nanos() - p.start)
	fmt.Fprintf(p.log, "%8.3f s  %s\n", elapsed.Seconds(), fmt.Sprintf(format, values...))
}

func (p *progress) counters(now uint64, totals consumer.Totals) {
	if p.log == nil || now < p.nextNs {
		return
	}
	p.nextNs = now + uint64(time.Second)
	p.say("received %d events, woken %d times", totals.Received, totals.Wakeups)
}
