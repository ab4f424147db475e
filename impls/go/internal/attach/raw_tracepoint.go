package attach

import (
	"regexp"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/mechanism"
)

var rawTracepoint = Type{
	Name:     "raw_tracepoint",
	Default:  "sys_enter",
	Grammar:  regexp.MustCompile(`^sys_enter$`),
	Expected: "sys_enter, the only raw tracepoint that the program can read",
	program:  "on_raw_tp",
	cookie: func(_ string, registers bool) uint32 {
		if registers {
			return mechanism.CookieSyscall
		}
		return mechanism.CookieNone
	},
	attach: func(program *ebpf.Program, target string) (link.Link, error) {
		return link.AttachRawTracepoint(link.RawTracepointOptions{Name: target, Program: program})
	},
}
