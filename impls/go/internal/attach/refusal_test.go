package attach

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/contract"
)

func TestRefusalsHaveTheKindsOfTheProtocol(t *testing.T) {
	cause := fmt.Errorf("load program:\n  %w", unix.EOPNOTSUPP)
	rejected := &ebpf.VerifierError{Cause: unix.EACCES, Log: []string{"R0 !read_ok", "processed 1 insns (limit 1000000)"}}
	const unsupported, internal = contract.Unsupported, contract.Internal
	for name, test := range map[string]struct {
		kind    *Type
		err     error
		want    string
		message string
	}{
		"a program at load":                 {&kprobe, cause, unsupported, "the `kprobe` program for `foo`: load program: operation not supported"},
		"a kprobe at attach":                {&kprobe, unix.EINVAL, unsupported, "the `kprobe` program for `foo`: invalid argument"},
		"fentry at load":                    {&fentry, fmt.Errorf("%w (a guess)", unix.EPERM), unsupported, "the `fentry` program for `foo`: operation not permitted"},
		"a tracepoint at attach":            {&tracepoint, cause, unsupported, "the `tracepoint` program for `foo`: load program: operation not supported"},
		"an error of the framework's own":   {&tracepoint, errors.New("apply CO-RE relocations: bad"), internal, "CO-RE relocations: bad"},
		"a map type that is not there":      {&tracepoint, fmt.Errorf("map create: %w", unix.EINVAL), unsupported, "map create: invalid argument"},
		"a program that it does not accept": {&fentry, rejected, internal, "the verifier refuses the `fentry` program"},
		"fentry of a function that the kernel cannot attach to": {&fentry, &ebpf.VerifierError{Cause: unix.EINVAL, Log: []string{
			"Function foo has no entry", "processed 0 insns (limit 1000000)",
		}}, unsupported, "`foo`: : invalid argument: Function foo has no entry"},
	} {
		t.Run(name, func(t *testing.T) {
			e := contract.AsError(test.kind.refused("foo", test.err))
			if e.Kind != test.want || !strings.Contains(e.Message, test.message) || e.Hint == nil {
				t.Errorf("got %s: %s", e.Kind, e)
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
			if e := contract.AsError(tracepoint.refused("a/b", err)); e.Status() != 70 {
				t.Errorf("got %s of %v", e, err)
			}
		})
	}
	t.Run("a map of a type that no kernel has", func(t *testing.T) {
		_, err := ebpf.NewMap(&ebpf.MapSpec{Type: 200, KeySize: 4, ValueSize: 4, MaxEntries: 1})
		if e := contract.AsError(tracepoint.refused("a/b", err)); e.Status() != 69 {
			t.Errorf("got %s of %v", e, err)
		}
	})
}
