package program

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
)

// argumentField is the line of a tracepoint's format that tells of a field where a system call's first argument is.
var argumentField = regexp.MustCompile(`(?m)^\s*field:.*\boffset:16;`)

// cookie tells the program where a trigger's cookie is, as docs/PROTOCOL.md, Marks, says.
func cookie(programType config.ProgramType, target string) (where, offset uint32) {
	offset, known := firstRegister(runtime.GOARCH)
	switch programType {
	case config.Tracepoint:
		if isSyscallEntry(target) && hasArgument(target) {
			return cookieSyscall, offset
		}
		return cookieNone, offset
	case config.RawTracepoint:
		if known {
			return cookieSyscall, offset
		}
		return cookieNone, offset
	default:
		switch {
		case !known && (programType == config.Kprobe || isSyscallFunction(target)):
			return cookieNone, offset
		case isSyscallFunction(target):
			return cookieSyscall, offset
		default:
			return cookieFunction, offset
		}
	}
}

// firstRegister is the offset of the first argument's register in struct pt_regs: di, or regs[0].
func firstRegister(arch string) (offset uint32, known bool) {
	switch arch {
	case "amd64":
		return 112, true
	case "arm64":
		return 0, true
	default:
		return 0, false
	}
}

func isSyscallEntry(tracepoint string) bool {
	return strings.HasPrefix(tracepoint, "syscalls/sys_enter_") || tracepoint == "raw_syscalls/sys_enter"
}

// hasArgument tells whether a tracepoint has a field there: the kernel refuses a program that reads beyond the last one. It
// was seen to be there before; if it cannot be read now, the refusal says so.
func hasArgument(tracepoint string) bool {
	mounted, err := findTracefs()
	if err != nil {
		return true
	}
	format, err := os.ReadFile(filepath.Join(mounted, "events", tracepoint, "format"))
	return err != nil || argumentField.Match(format)
}

// isSyscallFunction tells whether a kernel function is the entry of a system call, whose only argument points to the
// registers.
func isSyscallFunction(function string) bool {
	return strings.HasPrefix(function, "__x64_sys_") || strings.HasPrefix(function, "__arm64_sys_")
}
