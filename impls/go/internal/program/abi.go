package program

import "unsafe"

// Where a consumer finds the fields of a record, in bytes. bpf2go made the type from the object's BTF.
const (
	EventSize   = int(unsafe.Sizeof(ringbufEvent{}))
	KtimeOffset = int(unsafe.Offsetof(ringbufEvent{}.KtimeNs))
	SeqOffset   = int(unsafe.Offsetof(ringbufEvent{}.Seq))
)

// enum bench_wakeup of impls/bpf/bench.h. Nothing in the object has this type, so bpf2go cannot make it.
const (
	wakeupAdaptive = 0
	wakeupSampled  = 1
	wakeupNone     = 2
)
