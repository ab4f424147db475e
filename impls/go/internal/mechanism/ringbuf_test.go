package mechanism

import (
	"os"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/contract"
)

func TestReadsWithoutAllocating(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("loading BPF programs needs root")
	}
	spec, err := RingbufSpec(16<<20, RingbufKnobs{TargetPid: uint32(os.Getpid()), RecordSize: 64, Batch: 1000, Wakeup: WakeupTimer})
	if err != nil {
		t.Fatal(err)
	}
	for name := range spec.Programs {
		if name != RingbufProgOnTracepoint {
			delete(spec.Programs, name)
		}
	}
	loaded, err := ebpf.NewCollection(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer loaded.Close()
	clock, err := NewClock()
	if err != nil {
		t.Fatal(err)
	}
	c, err := ReadRingbuf(loaded, clock, time.Millisecond, contract.NewDelays())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	attached, err := link.Tracepoint("syscalls", "sys_enter_openat2", loaded.Programs[RingbufProgOnTracepoint], nil)
	if err != nil {
		t.Fatal(err)
	}
	const triggers = 100
	for range triggers {
		// The size 0 makes it fail at once; the program runs at its entry.
		_, _, _ = unix.Syscall6(unix.SYS_OPENAT2, ^uintptr(0), 0, 0, 0, 0, 0)
	}
	if err := attached.Close(); err != nil {
		t.Fatal(err)
	}

	// Nothing has woken the consumer, so the first wait ends with its deadline.
	c.setDue(clock.Nanos())
	perChunk := testing.AllocsPerRun(10, func() {
		if _, err := c.readChunk(&c.seen); err != nil {
			t.Fatal(err)
		}
	})
	if perChunk != 0 {
		t.Errorf("%v allocations a chunk", perChunk)
	}
	if err := c.Drain(); err != nil {
		t.Fatal(err)
	}
	if got, want := c.Seen().Received, uint64(triggers*1000); got != want {
		t.Errorf("received %d records, want %d", got, want)
	}
	counted := c.Seen()
	if err := Count(loaded, &counted); err != nil || !counted.Balanced() {
		t.Errorf("counted %+v, %v", counted, err)
	}
}
