// Command ringbuf_throughput counts and checks ring buffer events with ebpf-go.
package main

import (
	"fmt"
	"os"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/fault"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/runner"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/surroundings"
)

func main() {
	os.Exit(run())
}

func run() int {
	if err := surroundings.Leave(); err != nil {
		fmt.Fprintf(os.Stderr, "error: %s\n", err)
		return fault.Internal.Status()
	}
	return runner.Run(os.Args[1:])
}
