package program

import "unsafe"

// Where a consumer finds the fields of a record, in bytes. bpf2go made the type from the object's BTF.
const (
	EventSize   = int(unsafe.Sizeof(ringbufEvent{}))
	KtimeOffset = int(unsafe.Offsetof(ringbufEvent{}.KtimeNs))
	MarkOffset  = int(unsafe.Offsetof(ringbufEvent{}.Mark))
)

// Enumerations of impls/bpf/bench.h. Nothing in the object has these types, so bpf2go cannot make them.
const (
	// enum bench_wakeup
	wakeupAdaptive = 0
	wakeupSampled  = 1
	wakeupTimer    = 2

	// enum bench_cookie
	cookieNone     = 0
	cookieSyscall  = 1
	cookieFunction = 2
)
