package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestSaysThatATracepointIsNotThere(t *testing.T) {
	needRoot(t)
	p := start(t, "runner", "--output", "jsonl", "--attach-target", "syscalls/foo")
	p.expect("hello")
	m := p.expect("error")
	status := p.wait()
	if status != 69 || m.Kind != "unsupported" || m.Message != "this kernel has no tracepoint `syscalls/foo`" ||
		m.Hint != "list them with `ls /sys/kernel/tracing/events`" {
		t.Errorf("status %d, %+v", status, m)
	}
}

// A kernel either counts with these program types or says why it cannot.
func TestKprobeAndFentryCountOrAreUnsupported(t *testing.T) {
	needRoot(t)
	refusals := map[string]string{
		"kprobe": "this kernel has no kprobes",
		"fentry": "this kernel refuses the `fentry` program for `",
	}
	for _, test := range []struct {
		programType, target string
		batch               uint64
	}{
		{"kprobe", "", 1},
		{"kprobe", "", 1000},
		{"kprobe", "do_sys_openat2", 10},
		{"fentry", "", 1},
		{"fentry", "", 1000},
		{"fentry", "do_sys_openat2", 10},
	} {
		t.Run(fmt.Sprintf("%s %s %d", test.programType, test.target, test.batch), func(t *testing.T) {
			arguments := []string{"--program-type", test.programType, "--batch", fmt.Sprint(test.batch)}
			if test.target != "" {
				// Not the entry of a system call: the cookie is the function's own first argument.
				arguments = append(arguments, "--attach-target", test.target)
				t.Setenv(pathVariable, "/dev/null")
			}
			load := startLoad(t, 23)
			p := start(t, "runner", append(arguments, "--output", "jsonl", "-d", "60",
				"--target-pid", strconv.Itoa(load.cmd.Process.Pid))...)
			p.expect("hello")
			if m := p.next(); m.Type == "error" {
				status := p.wait()
				if status != 69 || m.Kind != "unsupported" || !strings.HasPrefix(m.Message, refusals[test.programType]) {
					t.Errorf("status %d, %+v", status, m)
				}
				return
			}
			load.release()
			cookies := load.cookies()
			p.stdin.Close()
			m := p.finish()
			if m.Received != 23*test.batch {
				t.Errorf("received %d", m.Received)
			}
			checkMarks(t, m, cookies, 23, test.batch)
		})
	}
}

func TestWithoutPrivilegesSaysWhatIsNeeded(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root has the privileges")
	}
	p := start(t, "runner", "--output", "jsonl")
	p.expect("hello")
	m := p.expect("error")
	if status := p.wait(); status != 69 || m.Kind != "permission" || m.Hint != "run it with sudo" {
		t.Errorf("status %d, %+v", status, m)
	}
}
