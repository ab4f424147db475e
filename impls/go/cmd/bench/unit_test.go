package main

import (
	"os"
	"testing"
	"time"
)

func TestTheEndOfAPipeStops(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	asked := make(chan struct{})
	onEndOfInput(read, func() { close(asked) })
	if _, err := write.WriteString("ignored\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-asked:
		t.Error("stopped by what arrived")
	case <-time.After(20 * time.Millisecond):
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-asked:
	case <-time.After(10 * time.Second):
		t.Error("not stopped by the end of the pipe")
	}
}

func TestTheEndOfAnyOtherInputDoesNotStop(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	onEndOfInput(null, func() { t.Error("stopped by /dev/null") })
	time.Sleep(20 * time.Millisecond)
}
