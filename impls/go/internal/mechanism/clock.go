package mechanism

import (
	"fmt"
	"math"
	"time"

	"golang.org/x/sys/unix"
)

// calibrationRounds is how many brackets NewClock intersects.
const calibrationRounds = 1000

// Clock is CLOCK_MONOTONIC, the clock of bpf_ktime_get_ns, without a system call.
//
// Go's runtime reads that very clock through the vDSO, but shows it only as a difference: time.Since of a time with a
// monotonic reading. What is missing is a constant. NewClock finds it by reading the clock with the system call between two
// differences: every such bracket gives a lower and an upper bound, and all of them must hold.
type Clock struct {
	base   time.Time
	offset uint64
	// Uncertainty is the greatest error of the offset.
	Uncertainty time.Duration
}

// NewClock finds the offset.
func NewClock() (*Clock, error) {
	base := time.Now()
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	for range calibrationRounds {
		var ts unix.Timespec
		before := time.Since(base)
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
			return nil, fmt.Errorf("cannot read CLOCK_MONOTONIC: %w", err)
		}
		after := time.Since(base)
		low = max(low, ts.Nano()-int64(after))
		high = min(high, ts.Nano()-int64(before))
	}
	return &Clock{
		base:        base,
		offset:      uint64(low + (high-low)/2),
		Uncertainty: time.Duration((high-low)/2) + 1,
	}, nil
}

// Nanos is the time now.
func (c *Clock) Nanos() uint64 {
	return uint64(time.Since(c.base)) + c.offset
}

// Time turns a reading of the clock into a time for interfaces that take one.
func (c *Clock) Time(nanos uint64) time.Time {
	return c.base.Add(time.Duration(nanos - c.offset))
}
