package consumer

import "github.com/HdrHistogram/hdrhistogram-go"

// The histogram of docs/PROTOCOL.md, in nanoseconds.
const (
	lowestDelay       = 1
	highestDelay      = 60_000_000_000
	significantDigits = 3
)

// Delays is a histogram of the time from an event to its reading.
type Delays struct {
	histogram *hdrhistogram.Histogram
}

// NewDelays returns an empty histogram; all of its memory is allocated here.
func NewDelays() *Delays {
	return &Delays{histogram: hdrhistogram.New(lowestDelay, highestDelay, significantDigits)}
}

// record adds the delay of one event. One that seems to be read before it happened is recorded as the longest, because it
// shows a clock that cannot be true: without a sign, a delay below zero is one that is too long.
func (d *Delays) record(happened, read uint64) {
	// A value within the limits cannot be refused.
	_ = d.histogram.RecordValue(int64(min(read-happened, highestDelay)))
}

// Histogram gives access to the percentiles.
func (d *Delays) Histogram() *hdrhistogram.Histogram { return d.histogram }

// Encode returns the histogram in the V2 compressed form, in base64.
func (d *Delays) Encode() (string, error) {
	encoded, err := d.histogram.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	return string(encoded), err
}
