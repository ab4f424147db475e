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
	// A reader that goes away is an error of the next write, as every other bug is, not a death by a signal.
	signal.Ignore(unix.SIGPIPE)

	cfg, action, err := args.Parse(arguments, pin.Allowed)
	switch {
	case err != nil && args.WantsJSONL(arguments):
		cfg.Output = config.JSONL
	case err != nil:
		cfg.Output = config.Text
	case action == args.ShowHelp:
		return end(show(args.Help), nil, os.Stderr)
	case action == args.ShowVersion:
		return end(show(identity.Own().Line()+"\n"), nil, os.Stderr)
	}

	out := newOutput(cfg, writer{os.Stdout})
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

func show(text string) error {
	_, err := io.WriteString(writer{os.Stdout}, text)
	return err
}

// end reports an error, if there is one, and returns the exit status. out is nil where no messages are wanted.
func end(err error, out output, stderr io.Writer) int {
	if err == nil {
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
	if out != nil {
		// Standard error has it already, should standard output be gone.
		_ = out.fail(f)
	}
	return f.Kind.Status()
}
