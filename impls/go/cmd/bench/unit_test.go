package surroundings

import (
	"slices"
	"testing"
)

func TestOnlyWholeNamesAreLeftOut(t *testing.T) {
	got := without([]string{"HOME=/x", "GOGC=off", "GOGCX=1", "A=GOGC", "GODEBUG="}, runtimeVariables)
	if want := []string{"HOME=/x", "GOGCX=1", "A=GOGC"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
