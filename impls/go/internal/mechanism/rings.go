package mechanism

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cilium/ebpf"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/contract"
)

// OnlineCPUs are the numbers of the CPUs that are online, in order.
func OnlineCPUs() ([]uint32, error) {
	list, err := os.ReadFile("/sys/devices/system/cpu/online")
	if err != nil {
		return nil, fmt.Errorf("cannot read which CPUs are online: %w", err)
	}
	return parseCPUs(string(list))
}

// parseCPUs reads numbers and ranges, such as 0-3,5.
func parseCPUs(list string) (cpus []uint32, err error) {
	for part := range strings.SplitSeq(strings.TrimSpace(list), ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.ParseUint(from, 10, 16)
		last, err2 := strconv.ParseUint(to, 10, 16)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("%q is no list of CPUs: %w", list, err)
		}
		for cpu := first; cpu <= last; cpu++ {
			cpus = append(cpus, uint32(cpu))
		}
	}
	return cpus, nil
}

// ownRing is the ring buffer of a CPU.
type ownRing struct {
	*Consumer
	cpu    uint32
	delays *contract.Delays
	// What its thread shows of what it has read.
	received, bytes, wakeups atomic.Uint64
	_                        [64]byte
}

// Rings reads a ring buffer of each CPU, by a goroutine for each that keeps its thread.
type Rings struct {
	clock *Clock
	rings []*ownRing
	// IDs are the kernel's, of the ring buffers.
	IDs []ebpf.MapID
}

// CreateRings makes a ring buffer for each of these CPUs, and puts it into the map of them.
func CreateRings(loaded *ebpf.Collection, size uint32, cpus []uint32, clock *Clock, interval time.Duration, latency bool) (*Rings, error) {
	rings := &Rings{clock: clock}
	for _, cpu := range cpus {
		ring, err := ebpf.NewMap(&ebpf.MapSpec{Name: RingbufMapEvents, Type: ebpf.RingBuf, MaxEntries: size})
		if err == nil {
			err = loaded.Maps[RingbufMapRings].Put(cpu, ring)
		}
		if err != nil {
			return nil, contract.Fail(contract.Unsupported, "", "this kernel refuses a ring buffer for each CPU: %v", err)
		}
		info, err := ring.Info()
		if err != nil {
			return nil, fmt.Errorf("cannot read the id of a ring buffer: %w", err)
		}
		id, _ := info.ID()
		rings.IDs = append(rings.IDs, id)
		own := &ownRing{cpu: cpu}
		if latency {
			own.delays = contract.NewDelays()
		}
		if own.Consumer, err = readRing(ring, clock, interval, own.delays); err != nil {
			return nil, err
		}
		own.source = shown{own.source, own}
		rings.rings = append(rings.rings, own)
	}
	return rings, nil
}

// shown is a source that shows how far its thread is.
type shown struct {
	source
	ring *ownRing
}

func (s shown) readChunk(seen *contract.Summary) (waited bool, err error) {
	waited, err = s.source.readChunk(seen)
	s.ring.received.Store(seen.Received)
	s.ring.bytes.Store(seen.Bytes)
	return waited, err
}

// Run is as Consumer's. The caller's goroutine reads nothing: it ticks.
func (r *Rings) Run(ctx context.Context, start, end uint64, tick func(now uint64, seen contract.Summary) error) (uint64, error) {
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, len(r.rings))
	for _, ring := range r.rings {
		go func() {
			runtime.LockOSThread()
			_, err := ring.Run(ctx, start, end, func(_ uint64, seen contract.Summary) error {
				ring.wakeups.Store(seen.Wakeups)
				return nil
			})
			ended <- err
		}()
	}
	running := len(r.rings)
	now, err := r.tick(ctx, start, end, tick, func(ringErr error) error { running--; return ringErr }, ended)
	stop()
	for ; running > 0; running-- {
		err = errors.Join(err, <-ended)
	}
	return now, err
}

// tick calls it every 100 ms until the end, the context is done or a ring's goroutine fails.
func (r *Rings) tick(
	ctx context.Context, start, end uint64, tick func(now uint64, seen contract.Summary) error, onEnd func(error) error, ended <-chan error,
) (uint64, error) {
	for now, next := start, start+tickNs; ; {
		timer := time.NewTimer(time.Duration(min(next, end) - now))
		select {
		case <-ctx.Done():
			return r.clock.Nanos(), nil
		case err := <-ended:
			// At the end of the time they end by themselves, each a moment before or after this one.
			if err := onEnd(err); err != nil {
				return r.clock.Nanos(), err
			}
			ended = nil
		case <-timer.C:
		}
		timer.Stop()
		if now = r.clock.Nanos(); now >= end {
			return now, nil
		}
		if now >= next {
			if err := tick(now, r.shown()); err != nil {
				return now, err
			}
			next += (now - next + tickNs) / tickNs * tickNs
		}
	}
}

// shown is what the threads show while they run.
func (r *Rings) shown() (sum contract.Summary) {
	for _, ring := range r.rings {
		sum.Received += ring.received.Load()
		sum.Bytes += ring.bytes.Load()
		sum.Wakeups += ring.wakeups.Load()
	}
	return sum
}

// Seen is as Consumer's, of all together. To be called when no thread runs.
func (r *Rings) Seen() (sum contract.Summary) {
	for _, ring := range r.rings {
		seen := ring.Seen()
		sum.Received += seen.Received
		sum.Bytes += seen.Bytes
		sum.Marks += seen.Marks
		sum.Wakeups += seen.Wakeups
		sum.Rings = append(sum.Rings, contract.Ring{CPU: ring.cpu, Received: seen.Received, Latency: ring.delays})
		if ring.delays != nil {
			if sum.Latency == nil {
				sum.Latency = contract.NewDelays()
			}
			sum.Latency.Merge(ring.delays.Histogram)
		}
	}
	return sum
}

// Drain is as Consumer's.
func (r *Rings) Drain() error {
	for _, ring := range r.rings {
		if err := ring.Drain(); err != nil {
			return err
		}
	}
	return nil
}
