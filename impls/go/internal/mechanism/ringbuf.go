package mechanism

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/ringbuf"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/contract"
)

// BPF CPU v3 as for the other frameworks (bpf2go's own default is v1). scripts/toolchain sets the two variables.
//go:generate go tool bpf2go -cc $BPF_CLANG -strip $BPF_LLVM_STRIP -target bpfel -tags linux -type event Ringbuf ../../../bpf/ringbuf_throughput.bpf.c -- -mcpu=v3 -Wall -Werror

// Enumerations of impls/bpf/bench.h. Nothing in the object has these types, so bpf2go cannot make them.
const (
	// enum bench_wakeup
	WakeupAdaptive = 0
	WakeupSampled  = 1
	WakeupTimer    = 2

	// enum bench_cookie
	CookieNone     = 0
	CookieSyscall  = 1
	CookieFunction = 2
)

// Where the fields of a record are, in bytes. bpf2go made the type from the object's BTF.
const (
	eventSize   = int(unsafe.Sizeof(RingbufEvent{}))
	ktimeOffset = int(unsafe.Offsetof(RingbufEvent{}.KtimeNs))
	markOffset  = int(unsafe.Offsetof(RingbufEvent{}.Mark))
)

// chunkRecords is how many records are read between two looks at the clock: a fraction of a millisecond, at a cost
// that does not show.
const chunkRecords = 4096

// RingbufSpec is the kernel side with all that has to be known before it is loaded.
func RingbufSpec(size uint32, knobs RingbufKnobs) (*ebpf.CollectionSpec, error) {
	spec, err := LoadRingbuf()
	if err != nil {
		return nil, fmt.Errorf("the embedded BPF object is bad: %w", err)
	}
	spec.Maps[RingbufMapEvents].MaxEntries = size
	unused := []string{RingbufMapRings}
	if knobs.Rings != 0 {
		cpus, err := ebpf.PossibleCPU()
		if err != nil {
			return nil, fmt.Errorf("cannot count the CPUs: %w", err)
		}
		spec.Maps[RingbufMapRings].MaxEntries = uint32(cpus)
		unused = []string{RingbufMapEvents}
	}
	if knobs.Lookups == 0 {
		unused = append(unused, RingbufMapTable)
	}
	leaveOut(spec, unused)
	choosePrograms(spec, knobs.KeepOneIn > 1 || knobs.Lookups > 0 || knobs.Rings != 0)
	if err := spec.Variables[RingbufVarKnobs].Set(&knobs); err != nil {
		return nil, fmt.Errorf("cannot set the knobs: %w", err)
	}
	return spec, nil
}

// leaveOut leaves out maps, which only instructions that the verifier removes refer to: the knobs say so. Those need
// something else to load.
func leaveOut(spec *ebpf.CollectionSpec, unused []string) {
	for _, name := range unused {
		delete(spec.Maps, name)
	}
	for _, program := range spec.Programs {
		for i, ins := range program.Instructions {
			if ins.IsLoadFromMap() && slices.Contains(unused, ins.Reference()) {
				ins.Src, ins.Constant = asm.R0, 0
				program.Instructions[i] = ins.WithReference("")
			}
		}
	}
}

// choosePrograms leaves one program of each type: the usual one, or, called the same, the one that can do more.
func choosePrograms(spec *ebpf.CollectionSpec, more bool) {
	const suffix = "_more"
	for name, program := range maps.Clone(spec.Programs) {
		usual, isMore := strings.CutSuffix(name, suffix)
		if isMore {
			delete(spec.Programs, name)
		}
		if isMore && more {
			spec.Programs[usual] = program
		}
	}
}

// FillTable gives the table of lookups each key with itself as the value.
func FillTable(loaded *ebpf.Collection) error {
	table := loaded.Maps[RingbufMapTable]
	if table == nil {
		return nil
	}
	for key := range table.MaxEntries() {
		if err := table.Put(key, uint64(key)); err != nil {
			return fmt.Errorf("cannot fill the table: %w", err)
		}
	}
	return nil
}

// Count adds the kernel's half of a summary: the program's own counters, summed over CPUs.
func Count(loaded *ebpf.Collection, s *contract.Summary) error {
	var perCPU []RingbufCounters
	if err := loaded.Maps[RingbufMapCounters].Lookup(uint32(0), &perCPU); err != nil {
		return fmt.Errorf("cannot read the counters: %w", err)
	}
	for _, c := range perCPU {
		s.Attempted += c.Attempted
		s.Submitted += c.Submitted
		s.Dropped += c.Dropped
		s.DroppedMarks += c.DroppedMarks
	}
	return nil
}

// ring is a source over the framework's reader of a ring buffer.
type ring struct {
	*ringbuf.Reader
	// record is used again for every record, so that reading allocates once.
	record ringbuf.Record
	clock  *Clock
	// delays is nil when no delay is recorded.
	delays *contract.Delays
}

// ReadRingbuf returns a consumer of the ring buffer. Where the ring does not wake it, interval is the time that it sleeps when it has
// found the ring empty, and 0 otherwise. delays may be nil.
func ReadRingbuf(loaded *ebpf.Collection, clock *Clock, interval time.Duration, delays *contract.Delays) (*Consumer, error) {
	return readRing(loaded.Maps[RingbufMapEvents], clock, interval, delays)
}

// readRing returns a consumer of a ring buffer.
func readRing(m *ebpf.Map, clock *Clock, interval time.Duration, delays *contract.Delays) (*Consumer, error) {
	reader, err := ringbuf.NewReader(m)
	if err != nil {
		return nil, fmt.Errorf("cannot open the ring buffer: %w", err)
	}
	return &Consumer{
		source:   &ring{Reader: reader, clock: clock, delays: delays},
		clock:    clock,
		interval: uint64(interval),
		delays:   delays,
	}, nil
}

func (r *ring) empty() bool { return r.AvailableBytes() == 0 }

func (r *ring) readChunk(seen *contract.Summary) (waited bool, err error) {
	// Locals stay in registers; what was seen is brought up to date once a chunk.
	var received, bytes, marks uint64
	for received < chunkRecords && !waited {
		// Remaining is what the reader knew of when it read the last record; the ring itself need not be asked for as
		// long as that is something.
		waited = r.record.Remaining == 0 && r.AvailableBytes() == 0
		if err = r.ReadInto(&r.record); err != nil {
			waited = false
			break
		}
		sample := r.record.RawSample
		if len(sample) < eventSize {
			err = fmt.Errorf("a record has %d bytes, which is less than an event", len(sample))
			break
		}
		marks += binary.LittleEndian.Uint64(sample[markOffset:])
		received++
		bytes += uint64(len(sample))
		if r.delays != nil {
			r.delays.Record(binary.LittleEndian.Uint64(sample[ktimeOffset:]), r.clock.Nanos())
		}
	}
	seen.Received += received
	seen.Bytes += bytes
	seen.Marks += marks
	return waited, err
}
