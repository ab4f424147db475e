package mechanism

import (
	"slices"
	"testing"
)

func TestAListOfCPUsHasNumbersAndRanges(t *testing.T) {
	if cpus, err := parseCPUs("0-2,5,7-8\n"); err != nil || !slices.Equal(cpus, []uint32{0, 1, 2, 5, 7, 8}) {
		t.Error(cpus, err)
	}
	if cpus, err := parseCPUs("0-\n"); err == nil {
		t.Error(cpus)
	}
}
