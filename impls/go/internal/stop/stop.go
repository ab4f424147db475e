// Package stop turns what may end a measurement early into one request.
package stop

import (
	"os"
	"os/signal"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Request is asked at most once, by any goroutine, and looked at by the consumer.
type Request struct {
	asked  atomic.Bool
	mu     sync.Mutex
	notify func()
}

// Asked tells whether to stop.
func (r *Request) Asked() bool { return r.asked.Load() }

// Ask asks to stop.
func (r *Request) Ask() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.asked.Swap(true) && r.notify != nil {
		r.notify()
	}
}

// Notify has a function called when the request is asked, or now if it has been. It is what wakes a waiting consumer.
// nil takes it back; once that returns, no call is under way.
func (r *Request) Notify(function func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notify = function
	if function != nil && r.asked.Load() {
		function()
	}
}

// OnSignal asks on SIGINT and SIGTERM.
func (r *Request) OnSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM)
	go func() {
		for range signals {
			r.Ask()
		}
	}()
}

// OnEndOfInput asks at the end of a pipe or socket, so that a runner never outlives its supervisor. Any other input, such
// as a terminal or /dev/null, does not stop the runner.
func (r *Request) OnEndOfInput(input *os.File) {
	info, err := input.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return
	}
	go func() {
		ignored := make([]byte, 4096)
		for {
			if _, err := input.Read(ignored); err != nil {
				r.Ask()
				return
			}
		}
	}()
}
