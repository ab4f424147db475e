package program

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/fault"
)

const tracefs = "/sys/kernel/tracing"

// tracefsPlaces are the usual mount points. The framework takes the first tracefs that /proc/self/mountinfo lists, wherever it
// is: one of these, or the same file system at another place.
var tracefsPlaces = []string{tracefs, "/sys/kernel/debug/tracing"}

// checkSupport finds out what a refusal by the kernel would not say clearly.
func checkSupport(programType config.ProgramType, target string) error {
	if !mayLoad() {
		return &fault.Fault{
			Kind:    fault.Permission,
			Message: "loading BPF programs needs root, or CAP_BPF and CAP_PERFMON",
			Hint:    "run it with sudo",
		}
	}
	switch programType {
	case config.Tracepoint:
		return checkTracepoint(target)
	case config.Kprobe:
		if err := checkKprobes(); err != nil {
			return err
		}
		return checkFunction(target)
	default:
		return nil
	}
}

// mayLoad looks at the effective capabilities: root in a container may have none, and a user may have been given some.
func mayLoad() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false
	}
	has := func(capability int) bool {
		return data[capability/32].Effective&(1<<(capability%32)) != 0
	}
	return has(unix.CAP_SYS_ADMIN) || has(unix.CAP_BPF) && has(unix.CAP_PERFMON)
}

func checkTracepoint(target string) error {
	mounted, err := findTracefs()
	switch {
	case errors.Is(err, os.ErrPermission):
		return unreadable()
	case err != nil:
		return &fault.Fault{
			Kind:    fault.Unsupported,
			Message: fmt.Sprintf("tracefs is not mounted at `%s`", tracefs),
			Hint:    fmt.Sprintf("run `mount -t tracefs tracefs %s` as root", tracefs),
		}
	}
	// Some tracepoints, those of ftrace itself, have no id and cannot carry a program. Read as the framework reads it.
	_, err = os.ReadFile(filepath.Join(mounted, "events", target, "id"))
	switch {
	case errors.Is(err, os.ErrPermission):
		return unreadable()
	case errors.Is(err, os.ErrNotExist):
		return &fault.Fault{
			Kind:    fault.Unsupported,
			Message: fmt.Sprintf("this kernel has no tracepoint `%s`", target),
			Hint:    fmt.Sprintf("list them with `ls %s/events`", tracefs),
		}
	}
	return nil
}

// unreadable is the fault of a process that may load programs and yet not see which tracepoints there are.
func unreadable() error {
	return &fault.Fault{
		Kind:    fault.Permission,
		Message: fmt.Sprintf("this process may not read `%s`", tracefs),
		Hint:    "run it with sudo",
	}
}

// findTracefs returns the mount point of tracefs. The error tells that there is none (os.ErrNotExist), or that this
// process may not look (os.ErrPermission).
func findTracefs() (string, error) {
	refusal := os.ErrNotExist
	for _, place := range tracefsPlaces {
		info, err := os.Stat(filepath.Join(place, "events"))
		switch {
		case err == nil && info.IsDir():
			return place, nil
		case errors.Is(err, os.ErrPermission):
			refusal = os.ErrPermission
		}
	}
	return "", refusal
}

// checkFunction refuses what the framework would complete on its own: `sys_openat2` is no function where the entry of that call is
// `__x64_sys_openat2`. The program would look for the cookie of another function, and other runners cannot attach there.
func checkFunction(target string) error {
	if !strings.HasPrefix(target, "sys_") {
		return nil
	}
	symbols, err := os.ReadFile("/proc/kallsyms")
	if err != nil || isListed(symbols, target) {
		return nil
	}
	return refused(config.Kprobe, target, unix.ENOENT)
}

// isListed tells whether a list of symbols, `ADDRESS TYPE NAME` and perhaps a module a line, has one of that name.
func isListed(symbols []byte, name string) bool {
	return regexp.MustCompile(`(?m)^\S+ \S ` + regexp.QuoteMeta(name) + `(\s|$)`).Match(symbols)
}

// checkKprobes looks for either way to make a kprobe: the perf event source (4.17 and newer) or tracefs.
func checkKprobes() error {
	ways := []string{"/sys/bus/event_source/devices/kprobe/type"}
	for _, place := range tracefsPlaces {
		ways = append(ways, filepath.Join(place, "kprobe_events"))
	}
	for _, way := range ways {
		if _, err := os.Stat(way); !errors.Is(err, os.ErrNotExist) {
			return nil
		}
	}
	return &fault.Fault{
		Kind:    fault.Unsupported,
		Message: "this kernel has no kprobes (CONFIG_KPROBES is off)",
		Hint:    "use `--program-type tracepoint`, or a kernel built with CONFIG_KPROBES=y",
	}
}
