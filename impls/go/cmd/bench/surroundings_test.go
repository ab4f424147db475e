package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestTheCallersGoVariablesDoNotReachTheRuntime(t *testing.T) {
	needRoot(t)
	variables := map[string]string{
		"GODEBUG": "madvdontneed=0", "GOGC": "1", "GOMAXPROCS": "1", "GOMEMLIMIT": "1", "GOTRACEBACK": "crash",
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
	t.Setenv("GOGCX", "1") // which is another one
	p := start(t, "runner", "--output", "jsonl", "-d", "60", "--target-pid", "4194304")
	if hello := p.expect("hello"); hello.PID != p.cmd.Process.Pid {
		t.Errorf("process %d became %d", p.cmd.Process.Pid, hello.PID)
	}
	p.expect("ready")
	environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(environment), "\x00GOGCX=1\x00") {
		t.Error("GOGCX is gone")
	}
	for variable := range strings.SplitSeq(string(environment), "\x00") {
		name, _, _ := strings.Cut(variable, "=")
		if _, is := variables[name]; is {
			t.Errorf("%s is there", variable)
		}
	}
	p.stdin.Close()
	p.finish()
}

// unprivileged starts a runner as nobody, with the two capabilities that loading needs and none for files.
func unprivileged(t *testing.T, arguments ...string) *process {
	t.Helper()
	// Where nobody may run it.
	copied := filepath.Join(t.TempDir(), "runner")
	binary, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	for folder := filepath.Dir(copied); folder != os.TempDir() && folder != "/"; folder = filepath.Dir(folder) {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return startCommand(t, "runner", exec.Command(copied, arguments...), func(attributes *syscall.SysProcAttr) {
		attributes.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
		attributes.AmbientCaps = []uintptr{unix.CAP_BPF, unix.CAP_PERFMON}
	})
}

func TestSaysThatItMayNotReadTracefs(t *testing.T) {
	needRoot(t)
	p := unprivileged(t, "--output", "jsonl")
	p.expect("hello")
	m := p.expect("error")
	if status := p.wait(); status != 69 || m.Kind != "permission" || m.Hint != "run it with sudo" ||
		m.Message != "this process may not read `/sys/kernel/tracing`" {
		t.Errorf("status %d, %+v", status, m)
	}
}

func TestTheTwoCapabilitiesAreEnoughWithoutTracefs(t *testing.T) {
	needRoot(t)
	p := unprivileged(t, "--output", "jsonl", "-d", "0.1", "--program-type", "raw_tracepoint")
	p.expect("hello")
	p.expect("ready")
	p.finish()
}

// inOwnMounts starts a runner after a shell command that changes the mounts, which nobody else sees.
func inOwnMounts(t *testing.T, command string, arguments ...string) *process {
	t.Helper()
	shell := exec.Command("sh", append([]string{"-c", command + `; exec /proc/self/fd/3 "$@"`, "sh"}, arguments...)...)
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = self.Close() })
	shell.ExtraFiles = []*os.File{self}
	return startCommand(t, "runner", shell, func(attributes *syscall.SysProcAttr) {
		attributes.Unshareflags = unix.CLONE_NEWNS
	})
}

func TestFindsTracefsBelowDebugfs(t *testing.T) {
	needRoot(t)
	p := inOwnMounts(t, "umount /sys/kernel/tracing; mount -t debugfs debugfs /sys/kernel/debug", "--output", "jsonl", "-d", "0.1")
	p.expect("hello")
	m := p.next()
	if m.Type == "error" && strings.HasPrefix(m.Message, "tracefs is not mounted") {
		t.Skip("no debugfs here")
	}
	if m.Type != "ready" {
		t.Fatalf("got %+v", m)
	}
	p.finish()
}

func TestSaysThatTracefsIsNotMounted(t *testing.T) {
	needRoot(t)
	p := inOwnMounts(t, "umount -l /sys/kernel/debug 2>/dev/null; umount -l /sys/kernel/tracing", "--output", "jsonl")
	p.expect("hello")
	m := p.expect("error")
	if status := p.wait(); status != 69 || m.Kind != "unsupported" || m.Message != "tracefs is not mounted at `/sys/kernel/tracing`" {
		t.Errorf("status %d, %+v", status, m)
	}
}
