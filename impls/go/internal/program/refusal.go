package program

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/fault"
)

// refusedLoad is the fault of a program or map that the kernel does not load. Only fentry has its target checked by then.
func refusedLoad(programType config.ProgramType, target string, err error) error {
	if programType == config.Fentry {
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
		Kind:    fault.Unsupported,
		Message: fmt.Sprintf("this kernel refuses the `%s` program: %s", programType, reason(err)),
		Hint:    "run again with `--verbose` for the framework's log",
	}
}

// reason is the framework's error on one line.
func reason(err error) string {
	// To a missing permission the framework adds a guess about RLIMIT_MEMLOCK, which Load has lifted already.
	if errors.Is(err, unix.EPERM) {
		return unix.EPERM.Error()
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
