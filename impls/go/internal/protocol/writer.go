package protocol

import (
	"encoding/json"
	"io"
	"strings"
)

// maxMessageBytes keeps the line of an error, whose text may quote a whole command line or verifier log, far below 64 KiB
// even when every byte of it is escaped.
const maxMessageBytes = 8 << 10

// Writer writes one message a line.
type Writer struct {
	encoder *json.Encoder
}

// NewWriter returns a writer that hands each line to w in one piece.
func NewWriter(w io.Writer) *Writer {
	encoder := json.NewEncoder(w)
	// Angle brackets and ampersands stand for themselves, as in every other runner.
	encoder.SetEscapeHTML(false)
	return &Writer{encoder: encoder}
}

// Hello writes a hello message.
func (w *Writer) Hello(m Hello) error {
	return w.encoder.Encode(struct {
		Type string `json:"type"`
		Hello
	}{"hello", m})
}

// Ready writes a ready message.
func (w *Writer) Ready(m Ready) error {
	return w.encoder.Encode(struct {
		Type string `json:"type"`
		Ready
	}{"ready", m})
}

// Counters writes a counters message.
func (w *Writer) Counters(m Counters) error {
	return w.encoder.Encode(struct {
		Type string `json:"type"`
		Counters
	}{"counters", m})
}

// Summary writes a summary message.
func (w *Writer) Summary(m Summary) error {
	return w.encoder.Encode(struct {
		Type string `json:"type"`
		Summary
	}{"summary", m})
}

// Error writes an error message.
func (w *Writer) Error(m Error) error {
	if len(m.Message) > maxMessageBytes {
		m.Message = strings.ToValidUTF8(m.Message[:maxMessageBytes], "") + "..."
	}
	return w.encoder.Encode(struct {
		Type string `json:"type"`
		Error
	}{"error", m})
}
