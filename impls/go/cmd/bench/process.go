package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// runtimeVariables are those by which the caller changes Go's runtime: how often it collects garbage, on how many threads it
// runs, what it traces. The runtime reads them before main, and takes most of them back from nobody.
var runtimeVariables = []string{"GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK"}

// leaveSurroundings starts this program again, as the same process, without the variables that change Go's runtime. It returns at
// once when there are none.
func leaveSurroundings() error {
	kept := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(runtimeVariables, name)
	})
	if len(kept) == len(os.Environ()) {
		return nil
	}
	// Not /proc/self/exe, by which the process would be called `exe`.
	executable, err := os.Executable()
	if err == nil {
		err = unix.Exec(executable, os.Args, kept)
	}
	return fmt.Errorf("cannot start again without %s: %w", strings.Join(runtimeVariables, ", "), err)
}

// pin keeps every thread of this process on a CPU.
//
// The Go runtime starts threads of its own at any time. A new thread inherits the placement of the thread that starts
// it, so the list is read again until it shows no thread that has not been pinned.
func pin(cpu int) error {
	var set unix.CPUSet
	set.Set(cpu)
	pinned := make(map[string]bool)
	for added := true; added; {
		added = false
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return fmt.Errorf("cannot list the threads of this process: %w", err)
		}
		for _, thread := range threads {
			if pinned[thread.Name()] {
				continue
			}
			added, pinned[thread.Name()] = true, true
			tid, _ := strconv.Atoi(thread.Name())
			// A thread may have ended since it was listed.
			if err := unix.SchedSetaffinity(tid, &set); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("cannot pin thread %d to CPU %d: %w", tid, cpu, err)
			}
		}
	}
	return nil
}

// onEndOfInput calls a function at the end of a pipe or socket, so that a runner never outlives its supervisor. Any other input,
// such as a terminal or /dev/null, does nothing.
func onEndOfInput(input *os.File, stop func()) {
	info, err := input.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return
	}
	go func() {
		// What arrives is ignored.
		_, _ = io.Copy(io.Discard, input)
		stop()
	}()
}
