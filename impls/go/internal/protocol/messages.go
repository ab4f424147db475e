// Package protocol writes the messages of docs/PROTOCOL.md.
package protocol

// The order of the fields is the order on the line.

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
	ProgramIDs   []uint32 `json:"program_ids"`
	MapIDs       []uint32 `json:"map_ids"`
	LoadNs       uint64   `json:"load_ns"`
	AttachNs     uint64   `json:"attach_ns"`
	ProgramType  string   `json:"program_type"`
	AttachTarget string   `json:"attach_target"`
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
	Latency      *string `json:"latency"`
}

// Error is the last message of a run that could not be.
type Error struct {
	Kind    string  `json:"kind"`
	Message string  `json:"message"`
	Hint    *string `json:"hint"`
}
