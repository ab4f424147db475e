package program

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/fault"
)

func TestRefusalsReadAsTheProtocolSays(t *testing.T) {
	cause := fmt.Errorf("load program:\n  %w", unix.EOPNOTSUPP)
	rejected := &ebpf.VerifierError{Cause: unix.EACCES, Log: []string{"R0 !read_ok", "processed 1 insns (limit 1000000)"}}
	tests := map[string]struct {
		err           error
		kind          fault.Kind
		message, hint string
	}{
		"a program at load": {
			refusedLoad(config.Kprobe, "foo", cause),
			fault.Unsupported,
			"this kernel refuses the `kprobe` program: load program: operation not supported",
			"run again with `--verbose` for the framework's log",
		},
		"a kprobe at attach": {
			refused(config.Kprobe, "foo", unix.EINVAL),
			fault.Unsupported,
			"this kernel cannot attach a kprobe to `foo`: invalid argument",
			"check that the function is listed in `/proc/kallsyms`",
		},
		"fentry at load": {
			refusedLoad(config.Fentry, "foo", fmt.Errorf("%w (a guess)", unix.EPERM)),
			fault.Unsupported,
			"this kernel cannot attach fentry to `foo`: operation not permitted (it needs BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)",
			"use `--program-type tracepoint`, or a kernel built with CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y",
		},
		"a tracepoint at attach": {
			refused(config.Tracepoint, "a/b", cause),
			fault.Unsupported,
			"this kernel refuses the `tracepoint` program: load program: operation not supported",
			"run again with `--verbose` for the framework's log",
		},
		"an error of the framework's own": {
			refusedLoad(config.Tracepoint, "a/b", errors.New("apply CO-RE relocations: bad")),
			fault.Internal,
			"this kernel refuses the `tracepoint` program: apply CO-RE relocations: bad",
			"run again with `--verbose` for the framework's log",
		},
		"fentry of a function that the kernel cannot attach to": {
			refusedLoad(config.Fentry, "foo", &ebpf.VerifierError{Cause: unix.EINVAL, Log: []string{
				"Function foo has no entry", "processed 0 insns (limit 1000000)",
			}}),
			fault.Unsupported,
			"this kernel cannot attach fentry to `foo`: : invalid argument: Function foo has no entry (1 line(s) omitted)" +
				" (it needs BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)",
			"use `--program-type tracepoint`, or a kernel built with CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y",
		},
		"a map type that is not there": {
			refusedLoad(config.Tracepoint, "a/b", fmt.Errorf("map create: %w", unix.EINVAL)),
			fault.Unsupported,
			"this kernel refuses the `tracepoint` program: map create: invalid argument",
			"run again with `--verbose` for the framework's log",
		},
		"a program that the verifier rejects": {
			refusedLoad(config.Fentry, "foo", rejected),
			fault.Internal,
			"the verifier refuses the `fentry` program: : permission denied: R0 !read_ok (1 line(s) omitted)",
			"run again with `--verbose` for the framework's log",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var f *fault.Fault
			if !errors.As(test.err, &f) {
				t.Fatalf("%v is not a fault", test.err)
			}
			if f.Kind != test.kind || f.Message != test.message || f.Hint != test.hint {
				t.Errorf("got %+v", *f)
			}
		})
	}
}

// The framework's own errors: what the kernel rejects is a bug of the program, and so is an object that cannot be read.
func TestWhatIsWrongWithTheProgramIsABug(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("loading BPF programs needs root")
	}
	for name, spec := range map[string]*ebpf.ProgramSpec{
		"reads what was not written": {Type: ebpf.TracePoint, License: "GPL", Instructions: asm.Instructions{asm.Return()}},
		"writes below its stack": {Type: ebpf.TracePoint, License: "GPL", Instructions: asm.Instructions{
			asm.StoreImm(asm.R10, -1024, 0, asm.DWord), asm.Mov.Imm(asm.R0, 0), asm.Return(),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ebpf.NewProgram(spec)
			var f *fault.Fault
			if !errors.As(refusedLoad(config.Tracepoint, "a/b", err), &f) || f.Kind.Status() != 70 {
				t.Errorf("got %+v of %v", f, err)
			}
		})
	}
	t.Run("a map of a type that no kernel has", func(t *testing.T) {
		_, err := ebpf.NewMap(&ebpf.MapSpec{Type: 200, KeySize: 4, ValueSize: 4, MaxEntries: 1})
		var f *fault.Fault
		if !errors.As(refusedLoad(config.Tracepoint, "a/b", err), &f) || f.Kind.Status() != 69 {
			t.Errorf("got %+v of %v", f, err)
		}
	})
}
