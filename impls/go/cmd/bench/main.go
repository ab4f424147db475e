// Command bench counts and checks the events of a BPF program with ebpf-go, as docs/PROTOCOL.md describes it.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/attach"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/contract"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/mechanism"
)

// The counters are looked at again this often, this far apart, when they do not agree with what arrived.
const (
	settleRounds = 100
	settlePause  = time.Millisecond
)

func main() { os.Exit(run(os.Args[1:])) }

func run(arguments []string) int {
	// A reader that goes away is an error of the next write, as every other bug is, not a death by a signal.
	signal.Ignore(unix.SIGPIPE)
	out := contract.Output{To: os.Stdout}
	err := leaveSurroundings()
	if err == nil {
		err = life(arguments, &out)
	}
	if err == nil {
		return 0
	}
	e := contract.AsError(err)
	fmt.Fprintf(os.Stderr, "error: %s\n", e)
	// Standard error has it already, should standard output be gone.
	_ = out.Say(*e)
	return e.Status()
}

// life does what the arguments ask for.
func life(arguments []string, out *contract.Output) error {
	s, text, err := parse(arguments)
	if text != "" {
		return out.Print(text)
	}
	out.JSONL = s.output == "jsonl"
	if helloErr := out.Say(contract.Own()); err == nil {
		err = helloErr
	}
	if err != nil {
		return err
	}
	// One thread does all of the reading, so that the scheduler of the kernel sees one consumer.
	runtime.LockOSThread()
	if s.cpu >= 0 {
		if err := pin(s.cpu); err != nil {
			return err
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM)
	onEndOfInput(os.Stdin, stop)
	return measure(ctx, s, out)
}

// consumer reads the ring buffer, or one of each CPU.
type consumer interface {
	Run(ctx context.Context, start, end uint64, tick func(now uint64, seen contract.Summary) error) (uint64, error)
	Seen() contract.Summary
	Drain() error
}

// measure loads, attaches, consumes, and reports. What it opened the kernel closes at the end of the process, which follows.
func measure(ctx context.Context, s settings, out *contract.Output) error {
	clock, err := mechanism.NewClock()
	if err != nil {
		return err
	}
	progress := log.New(io.Discard, "", log.Ltime|log.Lmicroseconds)
	if s.verbose {
		progress.SetOutput(os.Stderr)
	}
	progress.Printf("the clock is CLOCK_MONOTONIC to %s", clock.Uncertainty)

	var cpus []uint32
	if s.knobs.Rings != 0 {
		if cpus, err = mechanism.OnlineCPUs(); err != nil {
			return err
		}
		if len(cpus) > 1 && s.consumers == "one" {
			return contract.Fail(contract.Unsupported, "use `--consumers ring`",
				"ebpf-go's reader waits for one ring buffer, and so no thread of it can wait for several")
		}
	}

	before := clock.Nanos()
	s.knobs.Cookie, s.knobs.CookieOffset = s.kind.Cookie(s.target)
	spec, err := mechanism.RingbufSpec(s.ringSize, s.knobs)
	if err != nil {
		return err
	}
	program, err := s.kind.Load(spec, s.target, progress.Writer())
	if err != nil {
		return err
	}
	if err := mechanism.FillTable(program.Collection); err != nil {
		return err
	}
	var rings *mechanism.Rings
	if s.knobs.Rings != 0 {
		if rings, err = mechanism.CreateRings(program.Collection, s.ringSize, cpus, clock, s.interval, s.latency); err != nil {
			return err
		}
	}
	ready := contract.Ready{ProgramType: s.kind.Name, AttachTarget: s.target, LoadNs: clock.Nanos() - before}
	var consumer consumer = rings
	if rings == nil {
		var delays *contract.Delays
		if s.latency {
			delays = contract.NewDelays()
		}
		if consumer, err = mechanism.ReadRingbuf(program.Collection, clock, s.interval, delays); err != nil {
			return err
		}
	}

	before = clock.Nanos()
	if err := program.Attach(); err != nil {
		return err
	}
	ready.AttachNs = clock.Nanos() - before
	if ready.ProgramIDs, ready.MapIDs, err = program.IDs(); err != nil {
		return err
	}
	if rings != nil {
		ready.MapIDs = append(ready.MapIDs, rings.IDs...)
	}
	progress.Printf("loaded the %s program in %s, attached to %s in %s",
		s.kind.Name, time.Duration(ready.LoadNs), s.target, time.Duration(ready.AttachNs))
	if err := out.Say(ready); err != nil {
		return err
	}

	start, shown := clock.Nanos(), uint64(0)
	stopped, err := consumer.Run(ctx, start, start+uint64(s.duration), func(now uint64, seen contract.Summary) error {
		if second := (now - start) / 1e9; second != shown {
			shown = second
			progress.Printf("received %d events, woken %d times", seen.Received, seen.Wakeups)
		}
		return out.Say(contract.Counters{TNs: now, Received: seen.Received, Bytes: seen.Bytes, Wakeups: seen.Wakeups})
	})
	if err != nil {
		return err
	}
	progress.Printf("stopping")
	untilStop := consumer.Seen()
	if err := program.Detach(); err != nil {
		return err
	}
	summary, err := settle(program, consumer)
	if err != nil {
		return err
	}
	summary.ElapsedNs = stopped - start
	if out.JSONL {
		return out.Say(summary)
	}
	return out.Print(contract.Report(contract.Own(), ready, summary, untilStop))
}

// settle drains the ring buffer and reads the counters until the last record that the counters tell of has arrived. When
// one does not arrive, the summary is returned as it is: the imbalance is a finding, not an error.
func settle(program *attach.Program, consumer consumer) (contract.Summary, error) {
	for round := 0; ; round++ {
		err := consumer.Drain()
		summary := consumer.Seen()
		if err == nil {
			err = mechanism.Count(program.Collection, &summary)
		}
		if err != nil || summary.Balanced() || round == settleRounds {
			return summary, err
		}
		time.Sleep(settlePause)
	}
}
