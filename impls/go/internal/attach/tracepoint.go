package attach

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/contract"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/mechanism"
)

var tracepoint = Type{
	Name:     "tracepoint",
	Default:  "syscalls/sys_enter_openat2",
	Grammar:  regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*/[A-Za-z_][A-Za-z0-9_-]*$`),
	Expected: "CATEGORY/NAME, such as syscalls/sys_enter_openat2",
	program:  "on_tracepoint",
	check: func(target string) error {
		// Some tracepoints, those of ftrace itself, have no id and cannot carry a program. Read as the framework reads it.
		_, err := readTracefs("events", target, "id")
		switch {
		case errors.Is(err, os.ErrPermission):
			return contract.Fail(contract.Permission, "run it with sudo", "this process may not read `%s`", tracefsPlaces[0])
		case err == nil:
			return nil
		}
		if _, err = readTracefs("available_events"); err != nil {
			return contract.Fail(contract.Unsupported, "run `mount -t tracefs tracefs "+tracefsPlaces[0]+"` as root",
				"tracefs is not mounted at `%s`", tracefsPlaces[0])
		}
		return contract.Fail(contract.Unsupported, "list them with `ls "+tracefsPlaces[0]+"/events`",
			"this kernel has no tracepoint `%s`", target)
	},
	// The kernel refuses a program that reads beyond the last field, and a system call without arguments has none there.
	cookie: func(target string, _ bool) uint32 {
		if !strings.HasPrefix(target, "syscalls/sys_enter_") && target != "raw_syscalls/sys_enter" {
			return mechanism.CookieNone
		}
		if format, err := readTracefs("events", target, "format"); err == nil && !argumentField.Match(format) {
			return mechanism.CookieNone
		}
		return mechanism.CookieSyscall
	},
	attach: func(program *ebpf.Program, target string) (link.Link, error) {
		category, name, _ := strings.Cut(target, "/")
		return link.Tracepoint(category, name, program, nil)
	},
}

// argumentField is the line of a tracepoint's format that tells of a field where a system call's first argument is.
var argumentField = regexp.MustCompile(`(?m)^\s*field:.*\boffset:16;`)

// tracefsPlaces are the usual mount points. The framework takes the first tracefs that /proc/self/mountinfo lists, wherever it
// is: one of these, or the same file system at another place.
var tracefsPlaces = []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}

// readTracefs reads a file of tracefs. That this process may not see one place tells more than that another is not there.
func readTracefs(path ...string) (content []byte, err error) {
	refusal := os.ErrNotExist
	for _, place := range tracefsPlaces {
		content, err = os.ReadFile(filepath.Join(append([]string{place}, path...)...))
		if err == nil {
			return content, nil
		}
		if errors.Is(err, os.ErrPermission) {
			refusal = err
		}
	}
	return nil, refusal
}
