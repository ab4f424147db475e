package main

import (
	"os"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestDoesNotAllowACPUThatIsNotThere(t *testing.T) {
	if mayRunOn(4095) == nil {
		t.Error("CPU 4095 is allowed")
	}
}

func TestTheEndOfAPipeStops(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	asked := make(chan struct{})
	onEndOfInput(read, func() { close(asked) })
	if _, err := write.WriteString("ignored\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-asked:
		t.Error("stopped by what arrived")
	case <-time.After(20 * time.Millisecond):
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-asked:
	case <-time.After(10 * time.Second):
		t.Error("not stopped by the end of the pipe")
	}
}

func TestTheEndOfAnyOtherInputDoesNotStop(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	onEndOfInput(null, func() { t.Error("stopped by /dev/null") })
	time.Sleep(20 * time.Millisecond)
}

func TestPinsEveryThreadOfAProcess(t *testing.T) {
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	cpu := 0
	for !before.IsSet(cpu) {
		cpu++
	}
	if err := mayRunOn(cpu); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, thread := range threads(t) {
			_ = unix.SchedSetaffinity(thread, &before)
		}
	})
	if err := pin(cpu); err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads(t) {
		var set unix.CPUSet
		if err := unix.SchedGetaffinity(thread, &set); err != nil {
			continue // it has ended
		}
		if set.Count() != 1 || !set.IsSet(cpu) {
			t.Errorf("thread %d is not pinned to CPU %d alone", thread, cpu)
		}
	}
}

func threads(t *testing.T) (ids []int) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		id, err := strconv.Atoi(entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}
