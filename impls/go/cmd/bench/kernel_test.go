package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/mechanism"
)

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("loading BPF programs needs root")
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

func TestMakesRecordsOfWhatIsKeptWithEverythingBeside(t *testing.T) {
	needRoot(t)
	for _, kind := range []string{"tracepoint", "raw_tracepoint"} {
		t.Run(kind, func(t *testing.T) {
			p := start(t, "runner", "--output", "jsonl", "--target-pid", strconv.Itoa(os.Getpid()), "--program-type", kind,
				"--keep-one-in", "7", "--lookups", "100", "--batch", "1000", "--work", "10000", "--wakeup", "sampled:1")
			p.expect("hello")
			if ready := p.expect("ready"); len(ready.MapIDs) != 4 {
				t.Errorf("maps %v, not the ring, the counters, the table and the read-only data", ready.MapIDs)
			}
			var kept, cookies uint64
			// Multiples of 7 without a sign, not with one.
			for _, cookie := range []uintptr{0, 1, 6, 7, 8, 14, 21, 1<<32 - 7, 1<<32 - 4} {
				_, _, _ = unix.RawSyscall6(unix.SYS_OPENAT2, cookie, 0, 0, 0, 0, 0)
				if cookie%7 == 0 {
					kept++
					cookies += uint64(cookie)
				}
			}
			p.stdin.Close()
			m := p.finish()
			if m.Received != 1000*kept {
				t.Errorf("received %d of %d", m.Received, 1000*kept)
			}
			checkMarks(t, m, cookies, kept, 1000)
		})
	}
}

func TestReadsARingOfEachCPUByAThreadEach(t *testing.T) {
	needRoot(t)
	for _, wakeup := range []string{"adaptive", "sampled:700", "timer:1ms"} {
		t.Run(wakeup, func(t *testing.T) {
			load := startLoad(t, 23)
			r := startRunner(t, load, "--rings", "cpu", "--consumers", "ring", "--wakeup", wakeup, "--batch", "10", "--latency")
			load.release()
			cookies := load.cookies()
			r.stdin.Close()
			m := r.finish()
			if m.Received != 230 {
				t.Errorf("received %d of 230", m.Received)
			}
			checkMarks(t, m, cookies, 23, 10)
			var sum uint64
			for i, ring := range m.Rings {
				sum += ring.Received
				if ring.Latency == "" || i > 0 && ring.CPU <= m.Rings[i-1].CPU {
					t.Errorf("ring %+v", ring)
				}
			}
			if sum != m.Received {
				t.Errorf("the rings have %d of %d", sum, m.Received)
			}
		})
	}
}

func TestOneThreadCannotWaitForSeveralRings(t *testing.T) {
	needRoot(t)
	if cpus, err := mechanism.OnlineCPUs(); err != nil || len(cpus) < 2 {
		t.Skip("needs two CPUs", err)
	}
	p := start(t, "runner", "--output", "jsonl", "--rings", "cpu")
	p.expect("hello")
	if m := p.next(); m.Type != "error" || m.Kind != "unsupported" || p.wait() != 69 {
		t.Errorf("%+v", m)
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

func TestASignalStopsASaturatedDrain(t *testing.T) {
	needRoot(t)
	for _, signal := range []os.Signal{unix.SIGTERM, unix.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			load := startLoad(t, 0)
			r := startRunner(t, load, "-d", "60", "--batch", "100")
			load.release()
			r.awaitReceived(100_000)
			begin := time.Now()
			if err := r.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			r.finish()
			within(t, begin, 0)
		})
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
