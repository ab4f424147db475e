// Package contract is what a runner says and how it ends, as docs/PROTOCOL.md has it.
package contract

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/cilium/ebpf"
)

// The types of the messages are called as the messages are, and their fields stand in the order of the line.

// Hello is the first message.
type Hello struct {
	ProtocolVersion  int    `json:"protocol_version"`
	Implementation   string `json:"implementation"`
	Framework        string `json:"framework"`
	FrameworkVersion string `json:"framework_version"`
	PID              int    `json:"pid"`
}

// Ready says that the program is attached and the consumer is about to read.
type Ready struct {
	ProgramIDs   []ebpf.ProgramID `json:"program_ids"`
	MapIDs       []ebpf.MapID     `json:"map_ids"`
	LoadNs       uint64           `json:"load_ns"`
	AttachNs     uint64           `json:"attach_ns"`
	ProgramType  string           `json:"program_type"`
	AttachTarget string           `json:"attach_target"`
}

// Counters is what the consumer saw so far.
type Counters struct {
	TNs      uint64 `json:"t_ns"`
	Received uint64 `json:"received"`
	Bytes    uint64 `json:"bytes"`
	Wakeups  uint64 `json:"wakeups"`
}

// Summary is the last message of a good run.
type Summary struct {
	ElapsedNs    uint64  `json:"elapsed_ns"`
	Attempted    uint64  `json:"attempted"`
	Submitted    uint64  `json:"submitted"`
	Dropped      uint64  `json:"dropped"`
	DroppedMarks uint64  `json:"dropped_marks"`
	Lost         uint64  `json:"lost"`
	Received     uint64  `json:"received"`
	Bytes        uint64  `json:"bytes"`
	Marks        uint64  `json:"marks"`
	Wakeups      uint64  `json:"wakeups"`
	Latency      *Delays `json:"latency"`
	Rings        []Ring  `json:"rings,omitempty"`
}

// Ring is what was read of one ring buffer, where each CPU has its own.
type Ring struct {
	CPU      uint32  `json:"cpu"`
	Received uint64  `json:"received"`
	Latency  *Delays `json:"latency"`
}

// Balanced tells whether every record is accounted for.
func (s Summary) Balanced() bool {
	return s.Attempted == s.Submitted+s.Dropped && s.Submitted == s.Received+s.Lost
}

// Own is the hello of this process. The framework's version is the one linked in, not the one asked for.
func Own() Hello {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/cilium/ebpf" {
				version = strings.TrimPrefix(cmp.Or(module.Replace, module).Version, "v")
			}
		}
	}
	return Hello{2, "go", "ebpf-go", version, os.Getpid()}
}

// VersionLine is what --version prints, and the head of the report.
func (h Hello) VersionLine() string {
	return fmt.Sprintf("ringbuf_throughput 0.1.0 (%s, %s %s, protocol %d)\n",
		h.Implementation, h.Framework, h.FrameworkVersion, h.ProtocolVersion)
}

// Output is standard output: the messages for a supervisor, or text for a person.
type Output struct {
	To    io.Writer
	JSONL bool
}

// Say writes a message, in one piece; a person gets none.
func (o Output) Say(message any) error {
	if !o.JSONL {
		return nil
	}
	fields, err := json.Marshal(message)
	if err != nil {
		return err
	}
	return o.Print(fmt.Sprintf(`{"type":"%s",%s`+"\n", strings.ToLower(reflect.TypeOf(message).Name()), fields[1:]))
}

// Print writes text.
func (o Output) Print(text string) error {
	if _, err := io.WriteString(o.To, text); err != nil {
		return fmt.Errorf("cannot write to standard output: %w", err)
	}
	return nil
}
