package pin

import (
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

func TestPinsEveryThread(t *testing.T) {
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	cpu := 0
	for !before.IsSet(cpu) {
		cpu++
	}
	if !Allowed(cpu) {
		t.Fatalf("CPU %d is in the affinity mask and yet not allowed", cpu)
	}
	if err := Process(cpu); err != nil {
		t.Fatal(err)
	}
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		tid, err := strconv.Atoi(thread.Name())
		if err != nil {
			t.Fatal(err)
		}
		var set unix.CPUSet
		if err := unix.SchedGetaffinity(tid, &set); err != nil {
			continue // it has ended
		}
		if set.Count() != 1 || !set.IsSet(cpu) {
			t.Errorf("thread %d is not pinned to CPU %d alone", tid, cpu)
		}
	}
}

func TestDoesNotAllowACPUThatIsNotThere(t *testing.T) {
	if Allowed(4095) {
		t.Error("CPU 4095 is allowed")
	}
}
