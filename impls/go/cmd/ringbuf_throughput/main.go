// Command ringbuf_throughput counts and checks ring buffer events with ebpf-go.
package main

import (
	"os"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/runner"
)

func main() {
	os.Exit(runner.Run(os.Args[1:]))
}
