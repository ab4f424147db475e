// Command bare_loop is ebpf-go's shortest correct loop: what the runner is measured against.
//
// It reads a ring buffer that a runner, which is then stopped, has made and fills: bare_loop MAP_ID CPU. It prints `ready`, reads until
// SIGTERM, and prints `RECEIVED MARKS`; scripts/bench/loops/src/lib.rs says more.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/ringbuf"
	"golang.org/x/sys/unix"
)

func run() error {
	if len(os.Args) != 3 {
		return errors.New("expected MAP_ID and CPU")
	}
	id, err := strconv.ParseUint(os.Args[1], 10, 32)
	if err != nil {
		return err
	}
	cpu, err := strconv.Atoi(os.Args[2])
	if err != nil {
		return err
	}
	// taskset has pinned the process; this keeps the loop on one of its threads, as the runner does.
	runtime.LockOSThread()
	var set unix.CPUSet
	set.Set(cpu)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return err
	}
	events, err := ebpf.NewMapFromID(ebpf.MapID(id))
	if err != nil {
		return err
	}
	reader, err := ringbuf.NewReader(events)
	if err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		_ = reader.Close()
	}()
	fmt.Println("ready")
	var record ringbuf.Record
	var received, marks uint64
	for {
		if err := reader.ReadInto(&record); err != nil {
			if errors.Is(err, ringbuf.ErrClosed) {
				fmt.Println(received, marks)
				return nil
			}
			return err
		}
		received++
		marks += binary.LittleEndian.Uint64(record.RawSample[8:])
	}
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
