package stop

import (
	"os"
	"testing"
	"time"
)

func TestNotifiesOnce(t *testing.T) {
	var request Request
	calls := 0
	request.Notify(func() { calls++ })
	request.Ask()
	request.Ask()
	if calls != 1 || !request.Asked() {
		t.Errorf("%d calls", calls)
	}
}

func TestNotifiesWhoComesLate(t *testing.T) {
	var request Request
	request.Ask()
	called := false
	request.Notify(func() { called = true })
	if !called {
		t.Error("not called")
	}
}

func TestTheEndOfAPipeStops(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	asked := make(chan struct{})
	var request Request
	request.Notify(func() { close(asked) })
	request.OnEndOfInput(read)
	if _, err := write.WriteString("ignored\n"); err != nil {
		t.Fatal(err)
	}
	if request.Asked() {
		t.Error("stopped by what arrived")
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
	var request Request
	request.OnEndOfInput(null)
	time.Sleep(20 * time.Millisecond)
	if request.Asked() {
		t.Error("stopped by /dev/null")
	}
}
