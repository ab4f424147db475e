// Package runner is the life of a runner, as docs/PROTOCOL.md tells it.
package runner

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/args"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/fault"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/identity"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/pin"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/stop"
)

// Run does what the arguments ask for and returns the exit status.
func Run(arguments []string) int {
	// A reader that goes away is an error of the next write, not a death in the middle of a measurement.
	signal.Ignore(unix.SIGPIPE)

	cfg, action, err := args.Parse(arguments, pin.Allowed)
	switch {
	case err != nil && args.WantsJSONL(arguments):
		cfg.Output = config.JSONL
	case err != nil:
		cfg.Output = config.Text
	case action == args.ShowHelp:
		return show(args.Help)
	case action == args.ShowVersion:
		return show(identity.Own().Line() + "\n")
	}

	out := newOutput(cfg, os.Stdout)
	if helloErr := out.hello(); err == nil {
		err = helloErr
	}
	if err == nil {
		request := &stop.Request{}
		request.OnSignal()
		request.OnEndOfInput(os.Stdin)
		err = measure(cfg, out, request, os.Stderr)
	}
	return end(err, out, os.Stderr)
}

func show(text string) int {
	if _, err := io.WriteString(os.Stdout, text); err != nil && !errors.Is(err, unix.EPIPE) {
		return fault.Internal.Status()
	}
	return 0
}

// end reports an error, if there is one, and returns the exit status.
func end(err error, out output, stderr io.Writer) int {
	// Nobody listens any more: there is nothing to say and nobody to say it to.
	if err == nil || errors.Is(err, unix.EPIPE) {
		return 0
	}
	var f *fault.Fault
	if !errors.As(err, &f) {
		f = &fault.Fault{Kind: fault.Internal, Message: err.Error()}
	}
	fmt.Fprintf(stderr, "error: %s\n", f.Message)
	if f.Hint != "" {
		fmt.Fprintf(stderr, "\nhint: %s\n", f.Hint)
	}
	// Standard error has it already, should standard output be gone.
	_ = out.fail(f)
	return f.Kind.Status()
}
