package runner

import (
	"io"
	"runtime"
	"time"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/consumer"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/monotonic"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/pin"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/program"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/protocol"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/stop"
)

// The counters are looked at again this often, this far apart, when they do not agree with what arrived.
const (
	settleRounds = 100
	settlePause  = time.Millisecond
)

// measure loads, attaches, consumes, and reports.
func measure(cfg config.Config, out output, request *stop.Request, stderr io.Writer) error {
	// One thread does all of the reading, so that the scheduler of the kernel sees one consumer.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if cfg.CPU != config.NotPinned {
		if err := pin.Process(cfg.CPU); err != nil {
			return err
		}
	}
	var log io.Writer
	if cfg.Verbose {
		log = stderr
	}

	clock, err := monotonic.New()
	if err != nil {
		return err
	}
	progress := newProgress(log, clock)

	before := clock.Nanos()
	loaded, err := program.Load(cfg, log)
	if err != nil {
		return err
	}
	defer loaded.Close()
	loadNs := clock.Nanos() - before
	progress.say("loaded the %s program in %s", cfg.ProgramType, time.Duration(loadNs))

	var delays *consumer.Delays
	if cfg.Latency {
		delays = consumer.NewDelays()
	}
	reading, err := consumer.New(loaded.Events(), clock, cfg.Wakeup, delays)
	if err != nil {
		return err
	}
	defer reading.Close()

	before = clock.Nanos()
	if err := loaded.Attach(); err != nil {
		return err
	}
	attachNs := clock.Nanos() - before
	programs, maps, err := loaded.IDs()
	if err != nil {
		return err
	}
	progress.say("attached to %s in %s", loaded.Target(), time.Duration(attachNs))

	err = out.ready(protocol.Ready{
		ProgramIDs:   programs,
		MapIDs:       maps,
		LoadNs:       loadNs,
		AttachNs:     attachNs,
		ProgramType:  string(cfg.ProgramType),
		AttachTarget: loaded.Target(),
	})
	if err != nil {
		return err
	}

	ready := clock.Nanos()
	request.Notify(reading.Wake)
	stopped, err := reading.Run(ready, ready+uint64(cfg.Duration), request, func(now uint64, totals consumer.Totals) error {
		progress.counters(now, totals)
		return out.counters(protocol.Counters{
			TNs: now, Received: totals.Received, Bytes: totals.Bytes, Wakeups: totals.Wakeups,
		})
	})
	// The reader is closed at the end, and must not be woken after that.
	request.Notify(nil)
	if err != nil {
		return err
	}

	progress.say("stopping")
	return conclude(loaded, reading, delays, stopped-ready, out)
}

// conclude detaches, reads what is left and reports.
func conclude(
	loaded *program.Program, reading *consumer.Consumer, delays *consumer.Delays, elapsedNs uint64, out output,
) error {
	untilStop := reading.Totals()
	if err := loaded.Detach(); err != nil {
		return err
	}
	kernel, err := settle(loaded, reading)
	if err != nil {
		return err
	}
	user := reading.Totals()
	return out.summary(protocol.Summary{
		ElapsedNs:    elapsedNs,
		Attempted:    kernel.Attempted,
		Submitted:    kernel.Submitted,
		Dropped:      kernel.Dropped,
		DroppedMarks: kernel.DroppedMarks,
		Received:     user.Received,
		Bytes:        user.Bytes,
		Marks:        user.Marks,
		Wakeups:      user.Wakeups,
	}, untilStop, delays)
}

// settle drains the ring buffer and reads the counters until the last record that the counters tell of has arrived. When
// one does not arrive, the counters are returned as they are: the imbalance is a finding, not an error.
func settle(loaded *program.Program, reading *consumer.Consumer) (program.Counters, error) {
	for round := 0; ; round++ {
		if err := reading.Drain(); err != nil {
			return program.Counters{}, err
		}
		kernel, err := loaded.Counters()
		if err != nil {
			return program.Counters{}, err
		}
		complete := kernel.Attempted == kernel.Submitted+kernel.Dropped && kernel.Submitted == reading.Totals().Received
		if complete || round == settleRounds {
			return kernel, nil
		}
		time.Sleep(settlePause)
	}
}
