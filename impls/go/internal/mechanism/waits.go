package mechanism

import "golang.org/x/sys/unix"

// waits counts how often the consumer slept and was woken because there was data.
//
// The reader waits inside ReadInto and has no counter. From outside, a wait shows as a record that comes although the ring
// was empty just before the call. The kernel tells whether the thread slept in it: only then did it switch to another of its
// own accord. A wait that finds its record at once is no wakeup.
//
// Whether data or the deadline ended a wait shows only later: the reader reports a deadline after it has read what arrived
// without a wakeup. So a wait that ends at the deadline or later stays undecided until the next wait ends:
//
//   - at once, with the deadline's error: the deadline had ended the undecided wait;
//   - otherwise there is no such error to report, and data had ended it.
type waits struct {
	woken     uint64
	undecided bool
	// switches is how often the thread had switched of its own accord when it last looked.
	switches int64
	// usage is here, and not where it is used, so that reading allocates nothing.
	usage unix.Rusage
}

// begin disregards what the thread slept for until now.
func (w *waits) begin() { w.slept() }

// slept tells whether the thread has slept since it last looked.
func (w *waits) slept() bool {
	// It cannot fail: the address is good, and so is the request since 2.6.26.
	_ = unix.Getrusage(unix.RUSAGE_THREAD, &w.usage)
	before := w.switches
	w.switches = w.usage.Nvcsw
	return w.switches != before
}

// ended notes a wait that brought a record. early tells whether it ended before the deadline.
func (w *waits) ended(early bool) { w.record(early, w.slept()) }

func (w *waits) record(early, slept bool) {
	w.decide()
	switch {
	case !slept:
	case early:
		w.woken++
	default:
		w.undecided = true
	}
}

// expired notes the error of a deadline. early tells whether it came before the current deadline, and so is about the one
// before.
func (w *waits) expired(early bool) {
	w.begin()
	if early {
		w.undecided = false
		return
	}
	w.decide()
}

func (w *waits) decide() {
	if w.undecided {
		w.woken++
		w.undecided = false
	}
}
