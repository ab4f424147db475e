package contract

import "github.com/HdrHistogram/hdrhistogram-go"

// highestDelay is the highest value of the histogram of docs/PROTOCOL.md, in nanoseconds.
const highestDelay = 60_000_000_000

// Delays is a histogram of the time from an event to its reading.
type Delays struct{ *hdrhistogram.Histogram }

// NewDelays returns an empty histogram; all of its memory is allocated here.
func NewDelays() *Delays { return &Delays{hdrhistogram.New(1, highestDelay, 3)} }

// Record adds the delay of one event. One that seems to be read before it happened is recorded as the longest, because it
// shows a clock that cannot be true: without a sign, a delay below zero is one that is too long.
func (d *Delays) Record(happened, read uint64) {
	// A value within the limits cannot be refused.
	_ = d.RecordValue(int64(min(read-happened, highestDelay)))
}

// MarshalText is the V2 compressed form, in base64.
func (d *Delays) MarshalText() ([]byte, error) {
	return d.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
}
