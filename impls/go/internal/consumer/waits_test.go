package consumer

import "testing"

func TestCountsWaitsThatDataEnded(t *testing.T) {
	const early, late = true, false
	tests := map[string]struct {
		steps func(*waits)
		want  uint64
	}{
		"data before the deadline":             {func(w *waits) { w.record(early); w.record(early) }, 2},
		"nothing arrives":                      {func(w *waits) { w.expired(late); w.expired(late) }, 0},
		"data without a wakeup":                {func(w *waits) { w.record(late); w.expired(early) }, 0},
		"data just at the deadline, then more": {func(w *waits) { w.record(late); w.record(early) }, 2},
		"data just at the deadline, then none": {func(w *waits) { w.record(late); w.expired(late) }, 1},
		"woken, then data without a wakeup":    {func(w *waits) { w.record(early); w.record(late); w.expired(early) }, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var w waits
			test.steps(&w)
			if w.woken != test.want {
				t.Errorf("counted %d, want %d", w.woken, test.want)
			}
		})
	}
}
