package runner

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/consumer"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/fault"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/identity"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/protocol"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/report"
)

// output is what a runner says on standard output. The calls come in the order of a runner's life.
type output interface {
	hello() error
	ready(m protocol.Ready) error
	counters(m protocol.Counters) error
	// summary also gets what was read until the runner decided to stop, of which the text report's rates are.
	summary(m protocol.Summary, untilStop consumer.Totals, delays *consumer.Delays) error
	fail(f *fault.Fault) error
}

// writer turns what standard output refuses, such as a line that nobody reads any more, into a fault.
type writer struct {
	file io.Writer
}

func (w writer) Write(text []byte) (int, error) {
	n, err := w.file.Write(text)
	if err == nil {
		return n, nil
	}
	// The name that the runtime gives to standard output says nothing.
	var inFile *os.PathError
	if errors.As(err, &inFile) {
		err = inFile.Err
	}
	return n, &fault.Fault{Kind: fault.Internal, Message: fmt.Sprintf("cannot write to standard output: %v", err)}
}

func newOutput(cfg config.Config, w io.Writer) output {
	if cfg.Output == config.JSONL {
		return &messages{writer: protocol.NewWriter(w)}
	}
	return &text{w: w}
}

// messages speaks to a supervisor.
type messages struct {
	writer *protocol.Writer
}

func (o *messages) hello() error {
	own := identity.Own()
	return o.writer.Hello(protocol.Hello{
		ProtocolVersion:  identity.ProtocolVersion,
		Implementation:   own.Implementation,
		Framework:        own.Framework,
		FrameworkVersion: own.FrameworkVersion,
		PID:              os.Getpid(),
	})
}

func (o *messages) ready(m protocol.Ready) error { return o.writer.Ready(m) }

func (o *messages) counters(m protocol.Counters) error { return o.writer.Counters(m) }

func (o *messages) summary(m protocol.Summary, _ consumer.Totals, delays *consumer.Delays) error {
	if delays != nil {
		encoded, err := delays.Encode()
		if err != nil {
			return err
		}
		m.Latency = &encoded
	}
	return o.writer.Summary(m)
}

func (o *messages) fail(f *fault.Fault) error {
	m := protocol.Error{Kind: string(f.Kind), Message: f.Message}
	if f.Hint != "" {
		m.Hint = &f.Hint
	}
	return o.writer.Error(m)
}

// text speaks to a person, and only when everything is over.
type text struct {
	w          io.Writer
	attachedTo protocol.Ready
}

func (o *text) hello() error { return nil }

func (o *text) ready(m protocol.Ready) error {
	o.attachedTo = m
	return nil
}

func (o *text) counters(protocol.Counters) error { return nil }

func (o *text) summary(m protocol.Summary, untilStop consumer.Totals, delays *consumer.Delays) error {
	r := report.Report{
		Head:              identity.Own().Line(),
		ProgramType:       o.attachedTo.ProgramType,
		AttachTarget:      o.attachedTo.AttachTarget,
		Summary:           m,
		ReceivedUntilStop: untilStop.Received,
		BytesUntilStop:    untilStop.Bytes,
	}
	if h := delays.Histogram(); h.TotalCount() > 0 {
		r.Percentiles = &report.Percentiles{
			P50:  h.ValueAtPercentile(50),
			P95:  h.ValueAtPercentile(95),
			P99:  h.ValueAtPercentile(99),
			P999: h.ValueAtPercentile(99.9),
			Max:  h.Max(),
		}
	}
	_, err := io.WriteString(o.w, r.String())
	return err
}

func (o *text) fail(*fault.Fault) error { return nil }
