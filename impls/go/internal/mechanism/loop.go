// Package mechanism reads what the BPF program produced: the loop that all mechanisms share, and a file for each.
package mechanism

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/cilium/ebpf/ringbuf"
	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/contract"
)

const (
	// tickNs is the time between two calls of Run's tick.
	tickNs = uint64(100 * time.Millisecond)
	// deadlineSlackNs makes up for the reader's waiting in whole milliseconds, rounded down: without it a wait would end
	// just before the time it is for, and the rest would be spent spinning.
	deadlineSlackNs = uint64(time.Millisecond)
)

// source is what a mechanism's own file has to give.
type source interface {
	// readChunk reads some thousand records at most, and waits for the first until the deadline or a flush. It returns early
	// after a record for which it had to wait, because the clock has moved on by then.
	readChunk(seen *contract.Summary) (waited bool, err error)
	empty() bool
	SetDeadline(deadline time.Time)
	// Flush ends a wait. Any goroutine may call it.
	Flush() error
	Close() error
}

// Consumer reads one source. It belongs to one goroutine that keeps its thread.
type Consumer struct {
	source
	clock *Clock
	// interval is 0 where the source wakes the consumer; otherwise the time that it sleeps when it has found the source empty.
	interval uint64
	seen     contract.Summary
	delays   *contract.Delays
	waits    waits
	// due is the time that the source's deadline stands for.
	due uint64
}

// Seen is the user space's half of a summary: what was read so far.
func (c *Consumer) Seen() contract.Summary {
	seen := c.seen
	seen.Wakeups, seen.Latency = c.waits.woken, c.delays
	return seen
}

// Run reads records from start until end or until the context is done, even if the source never gets empty, and
// calls tick every 100 ms. It returns the time at which it decided to stop.
func (c *Consumer) Run(ctx context.Context, start, end uint64, tick func(now uint64, seen contract.Summary) error) (uint64, error) {
	// A sleep is not ended by it, which is short.
	defer context.AfterFunc(ctx, func() { _ = c.Flush() })()
	now := start
	nextTick := start + tickNs
	if c.interval != 0 {
		// Long over, so that the reader never waits.
		c.SetDeadline(c.clock.Time(start))
	}
	// When to look at the source, with an interval.
	look := start
	c.waits.begin()
	for now < end && ctx.Err() == nil {
		if now >= nextTick {
			if err := tick(now, c.Seen()); err != nil {
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

// readOrWait reads a chunk; when the source is empty, it waits to be woken, until a tick or the end is due.
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
	waited, err := c.readChunk(&c.seen)
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

// readOnTimer reads a chunk and returns when to look again: at once, unless it has found the source empty.
func (c *Consumer) readOnTimer() (now, look uint64, err error) {
	empty := c.empty()
	if !empty {
		_, err = c.readChunk(&c.seen)
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

// sleep sleeps until the next look at the source. A tick that would come too late ends the sleep too, but is no look.
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

// Drain reads what is there now and returns when the source is empty.
func (c *Consumer) Drain() error {
	c.SetDeadline(time.Now())
	for !c.empty() {
		_, err := c.readChunk(&c.seen)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, ringbuf.ErrFlushed) {
			return err
		}
	}
	return nil
}

func (c *Consumer) setDue(due uint64) {
	c.due = due
	c.SetDeadline(c.clock.Time(due + deadlineSlackNs))
}
