package program

import "fmt"

// Counters are the program's own counters, summed over CPUs.
type Counters struct {
	Attempted    uint64
	Submitted    uint64
	Dropped      uint64
	DroppedMarks uint64
}

// Counters reads the counters.
func (p *Program) Counters() (Counters, error) {
	var perCPU []ringbufCounters
	if err := p.collection.Maps[ringbufMapCounters].Lookup(uint32(0), &perCPU); err != nil {
		return Counters{}, fmt.Errorf("cannot read the counters: %w", err)
	}
	var sum Counters
	for _, c := range perCPU {
		sum.Attempted += c.Attempted
		sum.Submitted += c.Submitted
		sum.Dropped += c.Dropped
		sum.DroppedMarks += c.DroppedMarks
	}
	return sum, nil
}
