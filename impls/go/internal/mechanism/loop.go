// Package consumer reads records from the ring buffer.
package consumer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/ringbuf"
	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/monotonic"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/program"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/stop"
)

const (
	// chunkRecords is how many records are read between two looks at the clock: a fraction of a millisecond, at a cost
	// that does not show.
	chunkRecords = 4096
	// tickNs is the time between two calls of Run's tick.
	tickNs = uint64(100 * time.Millisecond)
	// deadlineSlackNs makes up for the reader's waiting in whole milliseconds, rounded down: without it a wait would end
	// just before the time it is for, and the rest would be spent spinning.
	deadlineSlackNs = uint64(time.Millisecond)
)

// Totals is what the consumer saw so far.
type Totals struct {
	Received uint64
	Bytes    uint64
	// Marks is the sum of the records' marks, modulo 2^64.
	Marks   uint64
	Wakeups uint64
}

// Consumer reads one ring buffer. It belongs to one goroutine that keeps its thread, except for Wake.
type Consumer struct {
	reader *ringbuf.Reader
	clock  *monotonic.Clock
	// interval is 0 where the ring wakes the consumer; otherwise the time that it sleeps when it has found the ring empty.
	interval uint64
	// delays is nil when no delay is recorded.
	delays *Delays
	// record is used again for every record, so that reading allocates once.
	record ringbuf.Record
	totals Totals
	waits  waits
	// due is the time that the reader's deadline stands for.
	due uint64
}

// New returns a consumer of a ring buffer; delays may be nil.
func New(events *ebpf.Map, clock *monotonic.Clock, wakeup config.Wakeup, delays *Delays) (*Consumer, error) {
	reader, err := ringbuf.NewReader(events)
	if err != nil {
		return nil, fmt.Errorf("cannot open the ring buffer: %w", err)
	}
	return &Consumer{reader: reader, clock: clock, interval: uint64(wakeup.Interval), delays: delays}, nil
}

// Close frees the reader.
func (c *Consumer) Close() error { return c.reader.Close() }

// Wake ends a wait for the ring. Any goroutine may call it. It does not end a sleep of Run, which is short.
func (c *Consumer) Wake() {
	// It fails only when the reader is closed, and then nothing waits.
	_ = c.reader.Flush()
}

// Totals returns what the consumer saw so far.
func (c *Consumer) Totals() Totals {
	t := c.totals
	t.Wakeups = c.waits.woken
	return t
}

// Run reads records from start until end or until it is asked to stop, even if the ring buffer never gets empty, and
// calls tick every 100 ms. It returns the time at which it decided to stop.
func (c *Consumer) Run(start, end uint64, request *stop.Request, tick func(now uint64, totals Totals) error) (uint64, error) {
	now := start
	nextTick := start + tickNs
	if c.interval != 0 {
		// Long over, so that the reader never waits.
		c.reader.SetDeadline(c.clock.Time(start))
	}
	// When to look at the ring, with an interval.
	look := start
	c.waits.begin()
	for now < end && !request.Asked() {
		if now >= nextTick {
			if err := tick(now, c.Totals()); err != nil {
				return now, err
			}
			nextTick += (now - nextTick + tickNs) / tickNs * tickNs
			// A tick may have slept too, to write.
			c.waits.begin()
		}
		var err error
		switch {
		case c.interval == 0:
			now, err = c.readOrWait(now, nextTick, end)
		case now < look:
			now = c.sleep(now, look, nextTick, end)
		default:
			now, look, err = c.readOnTimer()
		}
		if err != nil {
			return now, err
		}
	}
	return now, nil
}

// readOrWait reads a chunk; when the ring is empty, it waits for the ring to wake it, until a tick or the end is due.
func (c *Consumer) readOrWait(now, nextTick, end uint64) (uint64, error) {
	// A wait ends with a tick, but not with one that is close: in the middle of a burst it would wake a consumer that
	// then chases the producer record by record. Such a tick comes late, with the wakeup at the burst's end.
	if c.due < now+tickNs/2 && c.due < end {
		due := nextTick
		if due < now+tickNs/2 {
			due += tickNs
		}
		c.setDue(min(due, end))
	}
	waited, err := c.readChunk()
	now = c.clock.Nanos()
	early := now < c.due
	switch {
	case err == nil && waited:
		c.waits.ended(early)
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.waits.expired(early)
	case err != nil && !errors.Is(err, ringbuf.ErrFlushed):
		return now, err
	}
	return now, nil
}

// readOnTimer reads a chunk and returns when to look again: at once, unless it has found the ring empty.
func (c *Consumer) readOnTimer() (now, look uint64, err error) {
	empty := c.reader.AvailableBytes() == 0
	if !empty {
		_, err = c.readChunk()
	}
	now = c.clock.Nanos()
	switch {
	case empty, errors.Is(err, os.ErrDeadlineExceeded):
		return now, now + c.interval, nil
	case errors.Is(err, ringbuf.ErrFlushed):
		err = nil
	}
	return now, now, err
}

// sleep sleeps until the next look at the ring. A tick that would come too late ends the sleep too, but is no look.
func (c *Consumer) sleep(now, look, nextTick, end uint64) uint64 {
	until := min(look, end)
	if look > nextTick+tickNs/2 {
		until = min(nextTick, end)
	}
	duration := unix.NsecToTimespec(int64(until - now))
	// A signal ends it early; the loop around it then sleeps again.
	_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &duration, nil)
	return c.clock.Nanos()
}

// Drain reads what is in the ring buffer now and returns when it is empty.
func (c *Consumer) Drain() error {
	c.reader.SetDeadline(time.Now())
	for c.reader.AvailableBytes() > 0 {
		_, err := c.readChunk()
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, ringbuf.ErrFlushed) {
			return err
		}
	}
	return nil
}

func (c *Consumer) setDue(due uint64) {
	c.due = due
	c.reader.SetDeadline(c.clock.Time(due + deadlineSlackNs))
}

// readChunk reads up to chunkRecords records. It returns early after a record for which it had to wait, because
// the clock has moved on by then.
func (c *Consumer) readChunk() (waited bool, err error) {
	// Locals stay in registers; the totals are brought up to date once a chunk.
	var received, bytes, marks uint64
	for received < chunkRecords && !waited {
		// Remaining is what the reader knew of when it read the last record; the ring itself need not be asked for as
		// long as that is something.
		waited = c.record.Remaining == 0 && c.reader.AvailableBytes() == 0
		if err = c.reader.ReadInto(&c.record); err != nil {
			waited = false
			break
		}
		sample := c.record.RawSample
		if len(sample) < program.EventSize {
			err = fmt.Errorf("a record has %d bytes, which is less than an event", len(sample))
			break
		}
		marks += binary.LittleEndian.Uint64(sample[program.MarkOffset:])
		received++
		bytes += uint64(len(sample))
		if c.delays != nil {
			c.delays.record(binary.LittleEndian.Uint64(sample[program.KtimeOffset:]), c.clock.Nanos())
		}
	}
	c.totals.Received += received
	c.totals.Bytes += bytes
	c.totals.Marks += marks
	return waited, err
}
