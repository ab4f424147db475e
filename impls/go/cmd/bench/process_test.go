package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The test binary starts itself again, as the runner under test and as the load. This variable says as what.
const roleVariable = "RINGBUF_THROUGHPUT_TEST_ROLE"

// pathVariable names a file that the load opens with openat, instead of calling openat2.
const pathVariable = "RINGBUF_THROUGHPUT_TEST_PATH"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "runner":
		os.Exit(run(os.Args[1:]))
	case "load":
		generateLoad(os.Args[1], os.Args[2])
	default:
		os.Exit(m.Run())
	}
}

// generateLoad waits for a line, then triggers the program so many times, or until it is killed when that is 0. Every trigger
// has a random cookie; the sum of all is what it prints. Between two it sleeps up to the longest pause, at random.
func generateLoad(count, longestPause string) {
	var path *byte
	if opened := os.Getenv(pathVariable); opened != "" {
		path, _ = unix.BytePtrFromString(opened)
	}
	triggers, err := strconv.Atoi(count)
	if err != nil {
		panic(err)
	}
	pause, err := time.ParseDuration(longestPause)
	if err != nil {
		panic(err)
	}
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		os.Exit(1)
	}
	var sum uint64
	for i := 0; triggers == 0 || i < triggers; i++ {
		if pause != 0 {
			time.Sleep(rand.N(pause))
		}
		cookie := rand.Uint32()
		sum += uint64(cookie)
		// A descriptor has a sign, and so the upper half of the argument holds ones for every second cookie: they do not
		// count.
		argument := uintptr(int64(int32(cookie)))
		if path == nil {
			// The size 0 makes it fail at once; the program runs at its entry.
			_, _, _ = unix.RawSyscall6(unix.SYS_OPENAT2, argument, 0, 0, 0, 0, 0)
			continue
		}
		// An absolute path, so that the descriptor is ignored; it gets as far as to the functions behind the entry.
		if fd, _, err := unix.RawSyscall6(unix.SYS_OPENAT, argument, uintptr(unsafe.Pointer(path)), unix.O_RDONLY, 0, 0, 0); err == 0 {
			_ = unix.Close(int(fd))
		}
	}
	fmt.Println(sum)
}

// process is a child with its standard streams.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	pipe   io.ReadCloser
	stdout *bufio.Reader
	stderr strings.Builder
}

func start(t *testing.T, role string, arguments ...string) *process {
	t.Helper()
	return startCommand(t, role, exec.Command("/proc/self/exe", arguments...), func(*syscall.SysProcAttr) {})
}

// startCommand starts the test binary in a role by a command of the caller's, which may change how.
func startCommand(t *testing.T, role string, command *exec.Cmd, change func(*syscall.SysProcAttr)) *process {
	t.Helper()
	p := &process{t: t, cmd: command}
	p.cmd.Env = append(os.Environ(), roleVariable+"="+role)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{}
	change(p.cmd.SysProcAttr)
	p.cmd.Stderr = &p.stderr
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if p.pipe, err = p.cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	p.stdout = bufio.NewReader(p.pipe)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Fails when the test has waited for it, as it should.
		if p.cmd.Process.Kill() == nil {
			_ = p.cmd.Wait()
		}
	})
	return p
}

func startLoad(t *testing.T, triggers int) *process {
	t.Helper()
	return startSlowLoad(t, triggers, 0)
}

// startSlowLoad starts a load that sleeps up to a time between two triggers.
func startSlowLoad(t *testing.T, triggers int, longestPause time.Duration) *process {
	t.Helper()
	return start(t, "load", strconv.Itoa(triggers), longestPause.String())
}

// startRunner starts a runner for one load and waits until it is ready.
func startRunner(t *testing.T, load *process, arguments ...string) *process {
	t.Helper()
	p := start(t, "runner", append([]string{
		"--output", "jsonl", "--target-pid", strconv.Itoa(load.cmd.Process.Pid),
	}, arguments...)...)
	p.expect("hello")
	p.expect("ready")
	return p
}

// release lets the load begin.
func (p *process) release() {
	p.t.Helper()
	if _, err := io.WriteString(p.stdin, "go\n"); err != nil {
		p.t.Fatal(err)
	}
}

// cookies waits for a load that ends by itself and returns the sum of its cookies.
func (p *process) cookies() uint64 {
	p.t.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		p.t.Fatal(err)
	}
	sum, err := strconv.ParseUint(strings.TrimSpace(line), 10, 64)
	if err != nil {
		p.t.Fatal(err)
	}
	if status := p.wait(); status != 0 {
		p.t.Fatalf("the load ended with status %d", status)
	}
	return sum
}

// wait returns the exit status.
func (p *process) wait() int {
	p.t.Helper()
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// message is the union of all messages.
type message struct {
	Type         string `json:"type"`
	PID          int    `json:"pid"`
	ProgramIDs   []int  `json:"program_ids"`
	MapIDs       []int  `json:"map_ids"`
	AttachTarget string `json:"attach_target"`
	ElapsedNs    uint64 `json:"elapsed_ns"`
	Attempted    uint64 `json:"attempted"`
	Submitted    uint64 `json:"submitted"`
	Dropped      uint64 `json:"dropped"`
	DroppedMarks uint64 `json:"dropped_marks"`
	Received     uint64 `json:"received"`
	Bytes        uint64 `json:"bytes"`
	Marks        uint64 `json:"marks"`
	Wakeups      uint64 `json:"wakeups"`
	Latency      string `json:"latency"`
	Rings        []struct {
		CPU      int    `json:"cpu"`
		Received uint64 `json:"received"`
		Latency  string `json:"latency"`
	} `json:"rings"`
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

func (p *process) next() message {
	p.t.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		p.t.Fatalf("no further message: %v\n%s", err, p.stderr.String())
	}
	var m message
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		p.t.Fatalf("%q: %v", line, err)
	}
	return m
}

func (p *process) expect(messageType string) message {
	p.t.Helper()
	m := p.next()
	if m.Type != messageType {
		p.t.Fatalf("got %+v instead of %s\n%s", m, messageType, p.stderr.String())
	}
	return m
}

// awaitReceived reads messages until so many events have been counted.
func (p *process) awaitReceived(events uint64) {
	p.t.Helper()
	for {
		if m := p.expect("counters"); m.Received >= events {
			return
		}
	}
}

// finish reads the messages up to the summary, checks that it balances and that the runner ends well.
func (p *process) finish() message {
	p.t.Helper()
	m := p.next()
	for m.Type == "counters" {
		m = p.next()
	}
	if m.Type != "summary" {
		p.t.Fatalf("got %+v instead of summary\n%s", m, p.stderr.String())
	}
	if rest, err := p.stdout.ReadString('\n'); err != io.EOF {
		p.t.Errorf("%q follows the summary (%v)", rest, err)
	}
	if status := p.wait(); status != 0 {
		p.t.Errorf("exit status %d\n%s", status, p.stderr.String())
	}
	if problem := imbalance(m); problem != "" {
		p.t.Errorf("%s: %+v", problem, m)
	}
	return m
}

func imbalance(m message) string {
	switch {
	case m.Attempted != m.Submitted+m.Dropped:
		return "attempted is not submitted + dropped"
	case m.Submitted != m.Received:
		return "submitted is not received"
	default:
		return ""
	}
}

// checkMarks compares what the load, the kernel and the consumer summed, each by itself.
func checkMarks(t *testing.T, m message, cookies, triggers, batch uint64) {
	t.Helper()
	want := batch*cookies + triggers*batch*(batch-1)/2
	if m.Marks+m.DroppedMarks != want {
		t.Errorf("marks %d + dropped marks %d is not %d", m.Marks, m.DroppedMarks, want)
	}
	if m.Dropped == 0 && m.DroppedMarks != 0 {
		t.Errorf("dropped marks %d of no record", m.DroppedMarks)
	}
}

// within fails when something took longer than a second more than it should.
func within(t *testing.T, begin time.Time, should time.Duration) {
	t.Helper()
	if took := time.Since(begin); took > should+time.Second {
		t.Errorf("took %s instead of %s", took, should)
	}
}
