package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("loading BPF programs needs root")
	}
}

func TestCountsEveryTrigger(t *testing.T) {
	needRoot(t)
	for _, programType := range []string{"tracepoint", "raw_tracepoint"} {
		for _, wakeup := range []string{"adaptive", "sampled:100", "none", "timer:500us"} {
			t.Run(programType+" "+wakeup, func(t *testing.T) {
				load := startLoad(t, 23)
				r := startRunner(t, load, "-d", "60", "--program-type", programType, "--wakeup", wakeup, "--latency")
				load.release()
				cookies := load.cookies()
				r.awaitReceived(23)
				r.stdin.Close()
				m := r.finish()
				if m.Received != 23 || m.Attempted != 23 || m.Bytes != 23*64 {
					t.Errorf("got %+v", m)
				}
				checkMarks(t, m, cookies, 23, 1)
				if (wakeup == "none" || wakeup == "timer:500us") && m.Wakeups != 0 {
					t.Errorf("woken %d times by nobody", m.Wakeups)
				}
			})
		}
	}
}

func TestNamesTheProgramAndEachOfItsMapsOnce(t *testing.T) {
	needRoot(t)
	p := start(t, "runner", "--output", "jsonl", "-d", "60", "--target-pid", "4194304")
	p.expect("hello")
	ready := p.expect("ready")
	programs, maps := objectsOf(t, p.cmd.Process.Pid)
	if !slices.Equal(ready.ProgramIDs, programs) {
		t.Errorf("program ids %d, of the process are %d", ready.ProgramIDs, programs)
	}
	// The ring, the counters and the knobs. The process holds one more, an empty one that the program does not use.
	if len(ready.MapIDs) != 3 || len(slices.Compact(slices.Sorted(slices.Values(ready.MapIDs)))) != 3 {
		t.Errorf("map ids %d", ready.MapIDs)
	}
	for _, id := range ready.MapIDs {
		if !slices.Contains(maps, id) {
			t.Errorf("map id %d, of the process are %d", id, maps)
		}
	}
	p.stdin.Close()
	p.finish()
}

// objectsOf returns the ids of the BPF programs and maps that a process holds, as the kernel tells them.
func objectsOf(t *testing.T, pid int) (programs, maps []int) {
	t.Helper()
	infos, err := filepath.Glob(fmt.Sprintf("/proc/%d/fdinfo/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range infos {
		text, err := os.ReadFile(info)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(line, ":")
			id, _ := strconv.Atoi(strings.TrimSpace(value))
			switch name {
			case "prog_id":
				programs = append(programs, id)
			case "map_id":
				maps = append(maps, id)
			}
		}
	}
	slices.Sort(programs)
	slices.Sort(maps)
	return slices.Compact(programs), slices.Compact(maps)
}

func TestCountsDropsAndTheirMarksExactly(t *testing.T) {
	needRoot(t)
	const (
		ring   = 4096
		record = 64 + 8
	)
	for _, programType := range []string{"tracepoint", "raw_tracepoint"} {
		for _, batch := range []uint64{1, 10, 1000} {
			t.Run(fmt.Sprintf("%s batch %d", programType, batch), func(t *testing.T) {
				// Ten times what the ring holds, and some.
				triggers := (10*ring/record+batch-1)/batch + 3
				load := startLoad(t, int(triggers))
				// Nobody reads until the next look, so that most of it has to be dropped.
				r := startRunner(t, load, "-d", "60", "--ring-size", strconv.Itoa(ring), "--program-type", programType,
					"--batch", fmt.Sprint(batch), "--wakeup", "timer:1s")
				if err := r.cmd.Process.Signal(unix.SIGSTOP); err != nil {
					t.Fatal(err)
				}
				load.release()
				cookies := load.cookies()
				r.stdin.Close()
				if err := r.cmd.Process.Signal(unix.SIGCONT); err != nil {
					t.Fatal(err)
				}
				m := r.finish()
				if m.Attempted != triggers*batch || m.Received != ring/record || m.Dropped != m.Attempted-m.Received {
					t.Errorf("%+v of %d", m, triggers*batch)
				}
				checkMarks(t, m, cookies, triggers, batch)
			})
		}
	}
}

func TestEveryBatchAndRecordSizeLoads(t *testing.T) {
	needRoot(t)
	for _, batch := range []uint64{1, 10, 100, 1000} {
		for _, size := range []uint64{48, 64, 128, 256, 512, 1024} {
			t.Run(fmt.Sprintf("batch %d of %d bytes", batch, size), func(t *testing.T) {
				load := startLoad(t, 3)
				r := startRunner(t, load, "-d", "60", "--batch", fmt.Sprint(batch), "--record-size", fmt.Sprint(size))
				load.release()
				cookies := load.cookies()
				r.stdin.Close()
				m := r.finish()
				if m.Received != 3*batch || m.Bytes != m.Received*size {
					t.Errorf("received %d events of %d bytes", m.Received, m.Bytes)
				}
				checkMarks(t, m, cookies, 3, batch)
			})
		}
	}
}

// Nearly all is in the ring when the runner decides to stop, and read after that: it counts, and is in no rate.
func TestTheReportsRatesAreOfWhatWasReadUntilTheStop(t *testing.T) {
	needRoot(t)
	load := startLoad(t, 0)
	p := start(t, "runner", "-d", "0.5", "--wakeup", "timer:1s", "--target-pid", strconv.Itoa(load.cmd.Process.Pid))
	load.release()
	text, err := io.ReadAll(p.stdout)
	if err != nil {
		t.Fatal(err)
	}
	if status := p.wait(); status != 0 {
		t.Fatalf("status %d, %s", status, p.stderr.String())
	}
	received, rate := shown(t, string(text), "events"), shown(t, string(text), "throughput")
	if received < 1000 || float64(rate)*0.5 > float64(received)/2 {
		t.Errorf("%d received, %d a second", received, rate)
	}
}

// shown is the first number of a line of the text report.
func shown(t *testing.T, report, label string) int {
	t.Helper()
	for line := range strings.Lines(report) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == label {
			number, err := strconv.Atoi(strings.ReplaceAll(words[1], ",", ""))
			if err != nil {
				t.Fatal(err)
			}
			return number
		}
	}
	t.Fatalf("no %s in\n%s", label, report)
	return 0
}

func TestStopsOnItsOwn(t *testing.T) {
	needRoot(t)
	r := startRunner(t, startLoad(t, 0), "-d", "0.2")
	begin := time.Now()
	m := r.finish()
	within(t, begin, 200*time.Millisecond)
	if m.ElapsedNs < uint64(200*time.Millisecond) {
		t.Errorf("stopped after %d ns", m.ElapsedNs)
	}
}

func TestStopsWhenToldTo(t *testing.T) {
	needRoot(t)
	ways := map[string]func(*process) error{
		"SIGTERM":      func(p *process) error { return p.cmd.Process.Signal(unix.SIGTERM) },
		"SIGINT":       func(p *process) error { return p.cmd.Process.Signal(unix.SIGINT) },
		"end of input": func(p *process) error { return p.stdin.Close() },
	}
	for name, stop := range ways {
		t.Run(name, func(t *testing.T) {
			load := startLoad(t, 0)
			r := startRunner(t, load, "-d", "60")
			begin := time.Now()
			if err := stop(r); err != nil {
				t.Fatal(err)
			}
			r.finish()
			within(t, begin, 0)
		})
	}
}

func TestStopsWithinASaturatedDrain(t *testing.T) {
	needRoot(t)
	for _, way := range []string{"duration", "end of input"} {
		t.Run(way, func(t *testing.T) {
			load := startLoad(t, 0)
			duration := "0.5"
			if way != "duration" {
				duration = "60"
			}
			r := startRunner(t, load, "-d", duration, "--batch", "100")
			load.release()
			begin := time.Now()
			if way == "duration" {
				r.finish()
				within(t, begin, 500*time.Millisecond)
				return
			}
			r.awaitReceived(100_000)
			begin = time.Now()
			r.stdin.Close()
			r.finish()
			within(t, begin, 0)
		})
	}
}

func TestPinsEveryThreadAndStillCounts(t *testing.T) {
	needRoot(t)
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		t.Fatal(err)
	}
	cpu := 0
	for !allowed.IsSet(cpu) {
		cpu++
	}
	load := startLoad(t, 23)
	r := startRunner(t, load, "-d", "60", "--cpu", strconv.Itoa(cpu))
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", r.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		tid, _ := strconv.Atoi(thread.Name())
		var set unix.CPUSet
		if err := unix.SchedGetaffinity(tid, &set); err == nil && (set.Count() != 1 || !set.IsSet(cpu)) {
			t.Errorf("thread %d may run on %d CPUs", tid, set.Count())
		}
	}
	load.release()
	load.wait()
	r.stdin.Close()
	if m := r.finish(); m.Received != 23 {
		t.Errorf("received %d", m.Received)
	}
}

func TestAGoneReaderIsAnError(t *testing.T) {
	needRoot(t)
	p := start(t, "runner", "--output", "jsonl", "-d", "60")
	p.expect("hello")
	p.expect("ready")
	begin := time.Now()
	if err := p.pipe.Close(); err != nil {
		t.Fatal(err)
	}
	status := p.wait()
	within(t, begin, 100*time.Millisecond)
	if status != 70 || !strings.HasPrefix(p.stderr.String(), "error: cannot write to standard output: ") {
		t.Errorf("status %d, %q", status, p.stderr.String())
	}
}
