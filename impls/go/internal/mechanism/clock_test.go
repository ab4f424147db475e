package mechanism

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func systemCall(t testing.TB) uint64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		t.Fatal(err)
	}
	return uint64(ts.Nano())
}

func TestAgreesWithTheSystemCall(t *testing.T) {
	clock, err := NewClock()
	if err != nil {
		t.Fatal(err)
	}
	slack := uint64(clock.Uncertainty)
	for range 1000 {
		before := systemCall(t)
		now := clock.Nanos()
		after := systemCall(t)
		if now+slack < before || now > after+slack {
			t.Fatalf("%d is not between %d and %d (uncertainty %s)", now, before, after, clock.Uncertainty)
		}
	}
}

func TestTimeIsTheInverseOfNanos(t *testing.T) {
	clock, err := NewClock()
	if err != nil {
		t.Fatal(err)
	}
	left := time.Until(clock.Time(clock.Nanos() + uint64(time.Hour)))
	if left > time.Hour || left < time.Hour-time.Minute {
		t.Fatalf("an hour from now is %s away", left)
	}
}

func BenchmarkNanos(b *testing.B) {
	clock, err := NewClock()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		clock.Nanos()
	}
}

func BenchmarkSystemCall(b *testing.B) {
	for b.Loop() {
		systemCall(b)
	}
}
