package program

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
)

// membarrierGlobal makes the kernel wait for an RCU grace period (MEMBARRIER_CMD_GLOBAL).
const membarrierGlobal = 1

// Attach attaches the program; it runs from now on.
func (p *Program) Attach() error {
	attached, err := p.attach()
	if err != nil {
		return refused(p.programType, p.target, err)
	}
	p.link = attached
	return nil
}

func (p *Program) attach() (link.Link, error) {
	switch p.programType {
	case config.RawTracepoint:
		return link.AttachRawTracepoint(link.RawTracepointOptions{Name: p.target, Program: p.program})
	case config.Kprobe:
		return link.Kprobe(p.target, p.program, nil)
	case config.Fentry:
		return link.AttachTracing(link.TracingOptions{Program: p.program})
	default:
		category, name, _ := strings.Cut(p.target, "/")
		return link.Tracepoint(category, name, p.program, nil)
	}
}

// Target is the attach target that is really used. For a kprobe the kernel is asked, where it tells: the framework
// completes the name of a system call's function on its own.
func (p *Program) Target() string {
	if p.programType != config.Kprobe || p.link == nil {
		return p.target
	}
	info, err := p.link.Info()
	if err != nil {
		return p.target
	}
	event := info.PerfEvent()
	if event == nil {
		return p.target
	}
	kprobe := event.Kprobe()
	if kprobe == nil || kprobe.Function == "" {
		return p.target
	}
	return kprobe.Function
}

// Detach closes the link and waits for the runs that are still under way on other CPUs, so that the counters are final.
func (p *Program) Detach() error {
	if p.link == nil {
		return nil
	}
	err := p.link.Close()
	p.link = nil
	if err != nil {
		return fmt.Errorf("cannot detach the program: %w", err)
	}
	// Kernels with nohz_full CPUs refuse it. The wait is then left to the caller, who looks at the counters until they
	// agree with what arrived.
	_, _, _ = unix.Syscall(unix.SYS_MEMBARRIER, membarrierGlobal, 0, 0)
	return nil
}
