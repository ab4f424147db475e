package attach

import (
	"errors"
	"os"
	"regexp"
	"runtime"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/contract"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/mechanism"
)

var kprobe = Type{
	Name:     "kprobe",
	Default:  syscallEntry,
	Grammar:  functionName,
	Expected: "the name of a kernel function",
	program:  "on_kprobe",
	check: func(target string) error {
		// There are two ways to make one, of which the first came with 4.17.
		_, byPerf := os.Stat("/sys/bus/event_source/devices/kprobe/type")
		_, byTracefs := readTracefs("kprobe_events")
		if errors.Is(byPerf, os.ErrNotExist) && errors.Is(byTracefs, os.ErrNotExist) {
			return contract.Fail(contract.Unsupported, "use `--program-type tracepoint`, or a kernel built with CONFIG_KPROBES=y",
				"this kernel has no kprobes (CONFIG_KPROBES is off)")
		}
		// The framework completes a name on its own: `sys_openat2` is no function where the entry of that call is
		// `__x64_sys_openat2`. The program would look for the cookie of another function, and other runners cannot attach there.
		if symbols, err := os.ReadFile("/proc/kallsyms"); err == nil && strings.HasPrefix(target, "sys_") && !isListed(symbols, target) {
			return contract.Fail(contract.Unsupported, functionHint, "this kernel cannot attach a kprobe to `%s`: there is no such function", target)
		}
		return nil
	},
	cookie: func(target string, registers bool) uint32 {
		if registers {
			return cookieOfFunction(target, true)
		}
		return mechanism.CookieNone
	},
	attach: func(program *ebpf.Program, target string) (link.Link, error) {
		return link.Kprobe(target, program, nil)
	},
	hint: functionHint,
}

// What follows is of fentry too, the other program type on kernel functions.

const functionHint = "check that the function is listed in `/proc/kallsyms`"

var functionName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// syscallEntry is the entry of openat2: the kernel function of a system call is named after the architecture.
var syscallEntry = map[string]string{"amd64": "__x64_", "arm64": "__arm64_", "riscv64": "__riscv_"}[runtime.GOARCH] + "sys_openat2"

// cookieOfFunction: the only argument of a system call's entry points to the registers.
func cookieOfFunction(target string, registers bool) uint32 {
	switch {
	case !strings.HasPrefix(target, "__x64_sys_") && !strings.HasPrefix(target, "__arm64_sys_"):
		return mechanism.CookieFunction
	case registers:
		return mechanism.CookieSyscall
	default:
		return mechanism.CookieNone
	}
}

// isListed tells whether a list of symbols, `ADDRESS TYPE NAME` and perhaps a module a line, has one of that name.
func isListed(symbols []byte, name string) bool {
	return regexp.MustCompile(`(?m)^\S+ \S ` + regexp.QuoteMeta(name) + `(\s|$)`).Match(symbols)
}
