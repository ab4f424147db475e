package program

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/fault"
)

// refusedLoad is the fault of a program or map that the kernel does not load. Only fentry has its target checked by then.
func refusedLoad(programType config.ProgramType, target string, err error) error {
	if programType == config.Fentry && !isRejected(err) {
		return refused(programType, target, err)
	}
	return refusedProgram(programType, err)
}

// refused is the fault of a program that the kernel does not attach.
func refused(programType config.ProgramType, target string, err error) error {
	switch programType {
	case config.Kprobe:
		return &fault.Fault{
			Kind:    fault.Unsupported,
			Message: fmt.Sprintf("this kernel cannot attach a kprobe to `%s`: %s", target, reason(err)),
			Hint:    "check that the function is listed in `/proc/kallsyms`",
		}
	case config.Fentry:
		return &fault.Fault{
			Kind: fault.Unsupported,
			Message: fmt.Sprintf("this kernel cannot attach fentry to `%s`: %s"+
				" (it needs BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)", target, reason(err)),
			Hint: "use `--program-type tracepoint`, or a kernel built with CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y",
		}
	default:
		return refusedProgram(programType, err)
	}
}

func refusedProgram(programType config.ProgramType, err error) error {
	f := &fault.Fault{
		Kind:    kindOf(err),
		Message: fmt.Sprintf("this kernel refuses the `%s` program: %s", programType, reason(err)),
		Hint:    "run again with `--verbose` for the framework's log",
	}
	if isRejected(err) {
		f.Message = fmt.Sprintf("the verifier refuses the `%s` program: %s", programType, reason(err))
	}
	return f
}

// kindOf tells what the kernel lacks or does not allow from what is wrong with the program.
func kindOf(err error) fault.Kind {
	var number unix.Errno
	fromKernel := errors.As(err, &number) || errors.Is(err, ebpf.ErrNotSupported) || errors.Is(err, os.ErrNotExist)
	if !fromKernel || isRejected(err) {
		return fault.Internal
	}
	return fault.Unsupported
}

// verdict is the verifier's last line. It says 0 where the kernel found before the verifier that the program cannot be loaded.
var verdict = regexp.MustCompile(`^processed [1-9]\d* insns`)

// isRejected tells whether the verifier does not accept the instructions, whatever they are attached to.
func isRejected(err error) bool {
	var ofProgram *ebpf.VerifierError
	return errors.As(err, &ofProgram) && slices.ContainsFunc(ofProgram.Log, verdict.MatchString)
}

// reason is the framework's error on one line.
func reason(err error) string {
	// To a missing permission the framework adds a guess about RLIMIT_MEMLOCK, which Load has lifted already.
	if errors.Is(err, unix.EPERM) {
		return unix.EPERM.Error()
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
