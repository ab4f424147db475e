// Package pin places the runner on a CPU.
package pin

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Allowed tells whether this process may run on a CPU.
func Allowed(cpu int) bool {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return false
	}
	return set.IsSet(cpu)
}

// Process pins every thread of this process to a CPU.
//
// The Go runtime starts threads of its own at any time. A new thread inherits the placement of the thread that starts
// it, so the list is read again until it shows no thread that has not been pinned.
func Process(cpu int) error {
	var set unix.CPUSet
	set.Set(cpu)
	pinned := make(map[string]bool)
	for {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return fmt.Errorf("cannot list the threads of this process: %w", err)
		}
		added := false
		for _, thread := range threads {
			if pinned[thread.Name()] {
				continue
			}
			added = true
			pinned[thread.Name()] = true
			tid, err := strconv.Atoi(thread.Name())
			if err != nil {
				return fmt.Errorf("unexpected entry `%s` in /proc/self/task", thread.Name())
			}
			// A thread may have ended since it was listed.
			if err := unix.SchedSetaffinity(tid, &set); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("cannot pin thread %d to CPU %d: %w", tid, cpu, err)
			}
		}
		if !added {
			return nil
		}
	}
}
