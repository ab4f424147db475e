package program

import (
	"testing"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
)

func TestTheCookieIsWhereTheProtocolSays(t *testing.T) {
	if _, known := firstRegister("amd64"); !known {
		t.Error("x86-64 is not known")
	}
	if offset, known := firstRegister("arm64"); !known || offset != 0 {
		t.Errorf("arm64: %d", offset)
	}
	if _, known := firstRegister("riscv64"); known {
		t.Error("riscv64 is known")
	}
	for _, test := range []struct {
		programType config.ProgramType
		target      string
		want        uint32
	}{
		{config.Tracepoint, "syscalls/sys_enter_openat2", cookieSyscall},
		{config.Tracepoint, "syscalls/sys_enter_nothing", cookieSyscall}, // not there: attaching will tell
		{config.Tracepoint, "raw_syscalls/sys_enter", cookieSyscall},
		{config.Tracepoint, "syscalls/sys_exit_openat2", cookieNone},
		{config.Tracepoint, "sched/sched_switch", cookieNone},
		{config.RawTracepoint, "sys_enter", cookieSyscall},
		{config.Kprobe, "__x64_sys_openat2", cookieSyscall},
		{config.Kprobe, "__arm64_sys_openat2", cookieSyscall},
		{config.Kprobe, "do_exit", cookieFunction},
		{config.Fentry, "__x64_sys_openat2", cookieSyscall},
		{config.Fentry, "do_exit", cookieFunction},
	} {
		if got, _ := cookie(test.programType, test.target); got != test.want {
			t.Errorf("%s %s: got %d, want %d", test.programType, test.target, got, test.want)
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
