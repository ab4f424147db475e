package main

import (
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// With a timer the delay of an event is what is left of the interval when it comes: half of it in the middle. Busy machines
// make it longer and never shorter, so the limits are wide above and the lower ones are what a wakeup by the ring would be.
func TestATimerLooksAsOftenAsItIsToldTo(t *testing.T) {
	needRoot(t)
	for wakeup, interval := range map[string]time.Duration{
		"timer:1ms": time.Millisecond, "timer:10ms": 10 * time.Millisecond, "none": 10 * time.Millisecond, "timer:300ms": 300 * time.Millisecond,
	} {
		t.Run(wakeup, func(t *testing.T) {
			t.Parallel()
			load := startSlowLoad(t, 300, 10*time.Millisecond)
			r := startRunner(t, load, "-d", "60", "--latency", "--wakeup", wakeup)
			load.release()
			cookies := load.cookies()
			r.awaitReceived(300)
			r.stdin.Close()
			m := r.finish()
			checkMarks(t, m, cookies, 300, 1)
			delays, err := hdrhistogram.Decode([]byte(m.Latency))
			if err != nil {
				t.Fatal(err)
			}
			median := time.Duration(delays.ValueAtPercentile(50))
			if median < interval/4 || median > interval+10*time.Millisecond {
				t.Errorf("half of the events were read within %s", median)
			}
			if m.Wakeups != 0 {
				t.Errorf("%d wakeups", m.Wakeups)
			}
		})
	}
}

func TestTicksComeWithEveryPolicy(t *testing.T) {
	needRoot(t)
	for _, wakeup := range []string{"adaptive", "timer:100us", "timer:60ms", "timer:1s"} {
		t.Run(wakeup, func(t *testing.T) {
			t.Parallel()
			r := startRunner(t, startLoad(t, 0), "-d", "1.05", "--wakeup", wakeup)
			ticks := 0
			for m := r.next(); m.Type == "counters"; m = r.next() {
				ticks++
			}
			if ticks < 5 || ticks > 10 {
				t.Errorf("%d ticks in a second", ticks)
			}
			if status := r.wait(); status != 0 {
				t.Errorf("status %d", status)
			}
		})
	}
}

// Other tracepoints than the usual one: with an argument elsewhere than in a call's entry, without any, and of all calls.
func TestOtherTracepointsCount(t *testing.T) {
	needRoot(t)
	for _, target := range []string{"syscalls/sys_exit_openat2", "syscalls/sys_enter_getppid", "raw_syscalls/sys_enter"} {
		t.Run(target, func(t *testing.T) {
			load := startLoad(t, 23)
			r := startRunner(t, load, "-d", "60", "--attach-target", target)
			load.release()
			cookies := load.cookies()
			r.stdin.Close()
			m := r.finish()
			switch target {
			case "syscalls/sys_exit_openat2":
				// No cookie: the marks are 0.
				if m.Received != 23 || m.Marks != 0 {
					t.Errorf("%+v", m)
				}
			case "raw_syscalls/sys_enter":
				// The calls of the load's own runtime count too, so that there is more than its cookies.
				if m.Received < 23 || m.Marks < cookies {
					t.Errorf("%+v, cookies %d", m, cookies)
				}
			}
		})
	}
}
