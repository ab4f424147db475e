package args

import (
	"regexp"
	"runtime"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
)

var (
	tracepointName   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*/[A-Za-z_][A-Za-z0-9_-]*$`)
	kernelSymbolName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)
)

// setAttachTarget refuses the empty target here, because resolve takes it for an absent flag.
func setAttachTarget(cfg *config.Config, value string) bool {
	cfg.AttachTarget = value
	return value != ""
}

// checkTarget returns what the target should have been, or nothing when it is good.
func checkTarget(programType config.ProgramType, target string) string {
	switch programType {
	case config.Tracepoint:
		if !tracepointName.MatchString(target) {
			return "CATEGORY/NAME, such as syscalls/sys_enter_openat2"
		}
	case config.RawTracepoint:
		if target != "sys_enter" {
			return "sys_enter, the only raw tracepoint that the program can read"
		}
	case config.Kprobe, config.Fentry:
		if !kernelSymbolName.MatchString(target) {
			return "the name of a kernel function"
		}
	}
	return ""
}

// defaultTarget is the entry of openat2. The kernel function of a system call is named after the architecture.
func defaultTarget(programType config.ProgramType) string {
	switch programType {
	case config.Tracepoint:
		return "syscalls/sys_enter_openat2"
	case config.RawTracepoint:
		return "sys_enter"
	default:
		return syscallPrefix(runtime.GOARCH) + "sys_openat2"
	}
}

func syscallPrefix(arch string) string {
	switch arch {
	case "amd64":
		return "__x64_"
	case "arm64":
		return "__arm64_"
	case "riscv64":
		return "__riscv_"
	default:
		return ""
	}
}
