package program

import (
	"errors"
	"fmt"
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
	return &fault.Fault{
		Kind:    kindOf(err),
		Message: fmt.Sprintf("this kernel refuses the `%s` program: %s", programType, reason(err)),
		Hint:    "run again with `--verbose` for the framework's log",
	}
}

// errNotSupported is the kernel's own ENOTSUPP, which user space has no name for.
const errNotSupported = unix.Errno(524)

// lacking are the errors of a kernel that has not, or does not allow, what it is asked for.
var lacking = []error{
	unix.EPERM, unix.EOPNOTSUPP, unix.ENOSYS, unix.ENOMEM, unix.ENOENT, errNotSupported, ebpf.ErrNotSupported,
}

// kindOf tells what the kernel lacks from what this runner did wrong.
func kindOf(err error) fault.Kind {
	for _, lack := range lacking {
		if errors.Is(err, lack) {
			return fault.Unsupported
		}
	}
	// Of a map, an invalid argument is a type or a size that this kernel does not know. Of a program, it is a bug: the
	// framework reports both kinds of refusal of a program, by the verifier and before it, with its own type.
	var ofProgram *ebpf.VerifierError
	if errors.Is(err, unix.EINVAL) && !errors.As(err, &ofProgram) {
		return fault.Unsupported
	}
	return fault.Internal
}

// isRejected tells whether the verifier does not accept the instructions, whatever they are attached to.
func isRejected(err error) bool {
	var ofProgram *ebpf.VerifierError
	return errors.As(err, &ofProgram) && errors.Is(err, unix.EACCES)
}

// reason is the framework's error on one line.
func reason(err error) string {
	// To a missing permission the framework adds a guess about RLIMIT_MEMLOCK, which Load has lifted already.
	if errors.Is(err, unix.EPERM) {
		return unix.EPERM.Error()
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
