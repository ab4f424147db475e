package program

import (
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/fault"
)

func TestRefusalsReadAsTheProtocolSays(t *testing.T) {
	cause := errors.New("load program:\n  invalid argument")
	tests := map[string]struct {
		err           error
		message, hint string
	}{
		"a program at load": {
			refusedLoad(config.Kprobe, "foo", cause),
			"this kernel refuses the `kprobe` program: load program: invalid argument",
			"run again with `--verbose` for the framework's log",
		},
		"a kprobe at attach": {
			refused(config.Kprobe, "foo", cause),
			"this kernel cannot attach a kprobe to `foo`: load program: invalid argument",
			"check that the function is listed in `/proc/kallsyms`",
		},
		"fentry at load": {
			refusedLoad(config.Fentry, "foo", fmt.Errorf("%w (a guess)", unix.EPERM)),
			"this kernel cannot attach fentry to `foo`: operation not permitted (it needs BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)",
			"use `--program-type tracepoint`, or a kernel built with CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y",
		},
		"a tracepoint at attach": {
			refused(config.Tracepoint, "a/b", cause),
			"this kernel refuses the `tracepoint` program: load program: invalid argument",
			"run again with `--verbose` for the framework's log",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var f *fault.Fault
			if !errors.As(test.err, &f) {
				t.Fatalf("%v is not a fault", test.err)
			}
			if f.Kind != fault.Unsupported || f.Message != test.message || f.Hint != test.hint {
				t.Errorf("got %+v", *f)
			}
		})
	}
}
