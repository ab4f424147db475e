package attach

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

var fentry = Type{
	Name:     "fentry",
	Default:  syscallEntry,
	Grammar:  functionName,
	Expected: "the name of a kernel function",
	program:  "on_fentry",
	cookie:   cookieOfFunction,
	attach: func(program *ebpf.Program, _ string) (link.Link, error) {
		return link.AttachTracing(link.TracingOptions{Program: program})
	},
	hint: "use `--program-type tracepoint`, or a kernel with BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y",
}
