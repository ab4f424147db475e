package attach

import (
	"testing"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/mechanism"
)

func TestTheCookieIsWhereTheProtocolSays(t *testing.T) {
	const none, syscall, function = mechanism.CookieNone, mechanism.CookieSyscall, mechanism.CookieFunction
	for _, test := range []struct {
		kind         *Type
		target       string
		known, other uint32
	}{
		{&tracepoint, "syscalls/sys_enter_openat2", syscall, syscall},
		{&tracepoint, "syscalls/sys_enter_nothing", syscall, syscall}, // not there: attaching will tell
		{&tracepoint, "raw_syscalls/sys_enter", syscall, syscall},
		{&tracepoint, "syscalls/sys_exit_openat2", none, none},
		{&tracepoint, "sched/sched_switch", none, none},
		{&rawTracepoint, "sys_enter", syscall, none},
		{&kprobe, "__x64_sys_openat2", syscall, none},
		{&kprobe, "__arm64_sys_openat2", syscall, none},
		{&kprobe, "do_exit", function, none},
		{&fentry, "__x64_sys_openat2", syscall, none},
		{&fentry, "do_exit", function, function},
	} {
		if known, other := test.kind.cookie(test.target, true), test.kind.cookie(test.target, false); known != test.known || other != test.other {
			t.Errorf("%s %s: got %d, and %d where the registers are not known", test.kind.Name, test.target, known, other)
		}
	}
}

func TestTheFieldIsFoundByItsOffset(t *testing.T) {
	with := "\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n\tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;\n"
	without := "\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n\nprint fmt: \"\"\n"
	if !argumentField.MatchString(with) || argumentField.MatchString(without) {
		t.Error("not found, or found where there is none")
	}
}

func TestEveryTypesDefaultIsATargetOfIt(t *testing.T) {
	for _, kind := range Types {
		if !kind.Grammar.MatchString(kind.Default) {
			t.Errorf("%s: %s is not %s", kind.Name, kind.Default, kind.Expected)
		}
	}
}
