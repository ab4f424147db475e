package program

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/fault"
)

const tracefs = "/sys/kernel/tracing"

// tracefsPlaces are the mount points that the framework finds too.
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
		return checkKprobes()
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
	mounted := ""
	for _, place := range tracefsPlaces {
		if isDirectory(filepath.Join(place, "events")) {
			mounted = place
			break
		}
	}
	if mounted == "" {
		return &fault.Fault{
			Kind:    fault.Unsupported,
			Message: fmt.Sprintf("tracefs is not mounted at `%s`", tracefs),
			Hint:    fmt.Sprintf("run `mount -t tracefs tracefs %s` as root", tracefs),
		}
	}
	// Some tracepoints, those of ftrace itself, have no id and cannot carry a program.
	_, err := os.Stat(filepath.Join(mounted, "events", target, "id"))
	if errors.Is(err, os.ErrNotExist) {
		return &fault.Fault{
			Kind:    fault.Unsupported,
			Message: fmt.Sprintf("this kernel has no tracepoint `%s`", target),
			Hint:    fmt.Sprintf("list them with `ls %s/events`", tracefs),
		}
	}
	return nil
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

// isDirectory takes a directory that may not be looked at for one: the refusal then says why.
func isDirectory(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return errors.Is(err, os.ErrPermission)
	}
	return info.IsDir()
}
