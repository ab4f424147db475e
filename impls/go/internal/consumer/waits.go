package consumer

// waits counts how often the consumer had to wait and was woken because there was data.
//
// The reader waits inside ReadInto and has no counter. From outside, a wait shows as a record that comes although the ring
// was empty just before the call. Whether data or the deadline ended it shows only later: the reader reports
// a deadline after it has read what arrived without a wakeup. So a wait that ends at the deadline or later stays undecided
// until the next wait ends:
//
//   - at once, with the deadline's error: the deadline had ended the undecided wait;
//   - otherwise there is no such error to report, and data had ended it.
type waits struct {
	woken     uint64
	undecided bool
}

// record notes a wait that brought a record. early tells whether it ended before the deadline.
func (w *waits) record(early bool) {
	w.decide()
	if early {
		w.woken++
	} else {
		w.undecided = true
	}
}

// expired notes the error of a deadline. early tells whether it came before the current deadline, and so is about the one
// before.
func (w *waits) expired(early bool) {
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
