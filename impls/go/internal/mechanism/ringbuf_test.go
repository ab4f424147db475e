package consumer

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/monotonic"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/program"
)

func TestReadsWithoutAllocating(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("loading BPF programs needs root")
	}
	cfg := config.Default()
	cfg.AttachTarget = "syscalls/sys_enter_openat2"
	cfg.TargetPID = uint32(os.Getpid())
	cfg.Batch = 1000
	cfg.Wakeup = config.Wakeup{Policy: config.Timer, Interval: time.Millisecond}
	loaded, err := program.Load(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer loaded.Close()
	clock, err := monotonic.New()
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(loaded.Events(), clock, cfg.Wakeup, NewDelays())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := loaded.Attach(); err != nil {
		t.Fatal(err)
	}
	const triggers = 100
	for range triggers {
		// The size 0 makes it fail at once; the program runs at its entry.
		_, _, _ = unix.Syscall6(unix.SYS_OPENAT2, ^uintptr(0), 0, 0, 0, 0, 0)
	}
	if err := loaded.Detach(); err != nil {
		t.Fatal(err)
	}

	// Nothing has woken the consumer, so the first wait ends with its deadline.
	c.setDue(clock.Nanos())
	perChunk := testing.AllocsPerRun(10, func() {
		if _, err := c.readChunk(); err != nil {
			t.Fatal(err)
		}
	})
	if perChunk != 0 {
		t.Errorf("%v allocations a chunk", perChunk)
	}
	if err := c.Drain(); err != nil {
		t.Fatal(err)
	}
	if got, want := c.Totals().Received, uint64(triggers*1000); got != want {
		t.Errorf("received %d records, want %d", got, want)
	}
}
