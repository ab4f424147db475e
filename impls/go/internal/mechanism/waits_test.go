package mechanism

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestCountsWaitsThatDataEnded(t *testing.T) {
	const (
		early, late = true, false
		slept       = true
	)
	tests := map[string]struct {
		steps func(*waits)
		want  uint64
	}{
		"data before the deadline":             {func(w *waits) { w.record(early, slept); w.record(early, slept) }, 2},
		"nothing arrives":                      {func(w *waits) { w.expired(late); w.expired(late) }, 0},
		"data without a wakeup":                {func(w *waits) { w.record(late, slept); w.expired(early) }, 0},
		"data just at the deadline, then more": {func(w *waits) { w.record(late, slept); w.record(early, slept) }, 2},
		"data just at the deadline, then none": {func(w *waits) { w.record(late, slept); w.expired(late) }, 1},
		"woken, then data without a wakeup":    {func(w *waits) { w.record(early, slept); w.record(late, slept); w.expired(early) }, 1},
		"data that is there at once":           {func(w *waits) { w.record(early, !slept); w.record(late, !slept) }, 0},
		"at once after an undecided wait":      {func(w *waits) { w.record(late, slept); w.record(early, !slept) }, 1},
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

func TestTheKernelTellsASleepFromWork(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var w waits
	pause := unix.NsecToTimespec(int64(time.Millisecond))
	w.begin()
	if err := unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &pause, nil); err != nil {
		t.Fatal(err)
	}
	if !w.slept() {
		t.Error("a sleep is not seen")
	}
	if w.slept() {
		t.Error("nothing is seen as a sleep")
	}
}
