package contract

import (
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

func TestDelaysSurviveTheirEncoding(t *testing.T) {
	d := NewDelays()
	d.Record(1000, 6000)
	d.Record(1000, 1000)
	d.Record(1000, 999)                 // read before it happened: the highest, as every clock that cannot be true
	d.Record(0, 2*uint64(highestDelay)) // longer than the highest
	encoded, err := d.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := hdrhistogram.Decode(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if !decoded.Equals(d.Histogram) || decoded.TotalCount() != 4 {
		t.Error("the histogram changed")
	}
	if lowest, highest := decoded.Min(), decoded.Max(); lowest != 0 || highest < highestDelay {
		t.Errorf("recorded from %d to %d", lowest, highest)
	}
	if cut := decoded.ValueAtPercentile(75); !decoded.ValuesAreEquivalent(cut, highestDelay) {
		t.Errorf("two of four are %d and more", cut)
	}
	if median := decoded.ValueAtPercentile(50); !decoded.ValuesAreEquivalent(median, 5000) {
		t.Errorf("the median is %d", median)
	}
}

func TestRecordsWithoutAllocating(t *testing.T) {
	d := NewDelays()
	next := uint64(0)
	if n := testing.AllocsPerRun(1000, func() { next += 977; d.Record(0, next) }); n != 0 {
		t.Errorf("%v allocations a delay", n)
	}
}
