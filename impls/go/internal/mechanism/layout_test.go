package mechanism

import (
	"os"
	"regexp"
	"strconv"
	"testing"
	"unsafe"
)

func TestLayoutIsThatOfTheKernelSide(t *testing.T) {
	var (
		event    RingbufEvent
		counters RingbufCounters
		knobs    RingbufKnobs
	)
	tests := []struct {
		what      string
		got, want uintptr
	}{
		{"size of event", unsafe.Sizeof(event), 48},
		{"event.ktime_ns", unsafe.Offsetof(event.KtimeNs), 0},
		{"event.mark", unsafe.Offsetof(event.Mark), 8},
		{"event.tgid", unsafe.Offsetof(event.Tgid), 16},
		{"event.tid", unsafe.Offsetof(event.Tid), 20},
		{"event.cpu", unsafe.Offsetof(event.Cpu), 24},
		{"event.type", unsafe.Offsetof(event.Type), 28},
		{"event.comm", unsafe.Offsetof(event.Comm), 32},

		{"size of counters", unsafe.Sizeof(counters), 32},
		{"counters.attempted", unsafe.Offsetof(counters.Attempted), 0},
		{"counters.submitted", unsafe.Offsetof(counters.Submitted), 8},
		{"counters.dropped", unsafe.Offsetof(counters.Dropped), 16},
		{"counters.dropped_marks", unsafe.Offsetof(counters.DroppedMarks), 24},

		{"size of knobs", unsafe.Sizeof(knobs), 56},
		{"knobs.target_pid", unsafe.Offsetof(knobs.TargetPid), 0},
		{"knobs.record_size", unsafe.Offsetof(knobs.RecordSize), 4},
		{"knobs.batch", unsafe.Offsetof(knobs.Batch), 8},
		{"knobs.wakeup", unsafe.Offsetof(knobs.Wakeup), 12},
		{"knobs.wakeup_bytes", unsafe.Offsetof(knobs.WakeupBytes), 16},
		{"knobs.work", unsafe.Offsetof(knobs.Work), 24},
		{"knobs.syscall_nr", unsafe.Offsetof(knobs.SyscallNr), 28},
		{"knobs.cookie", unsafe.Offsetof(knobs.Cookie), 32},
		{"knobs.cookie_offset", unsafe.Offsetof(knobs.CookieOffset), 36},
		{"knobs.keep_one_in", unsafe.Offsetof(knobs.KeepOneIn), 40},
		{"knobs.lookups", unsafe.Offsetof(knobs.Lookups), 44},
		{"knobs.rings", unsafe.Offsetof(knobs.Rings), 48},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s is %d, want %d", test.what, test.got, test.want)
		}
	}
}

func TestEnumerationsAreThoseOfTheKernelSide(t *testing.T) {
	header, err := os.ReadFile("../../../bpf/bench.h")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{
		"BENCH_WAKEUP_ADAPTIVE": WakeupAdaptive,
		"BENCH_WAKEUP_SAMPLED":  WakeupSampled,
		"BENCH_WAKEUP_TIMER":    WakeupTimer,
		"BENCH_COOKIE_NONE":     CookieNone,
		"BENCH_COOKIE_SYSCALL":  CookieSyscall,
		"BENCH_COOKIE_FUNCTION": CookieFunction,
	} {
		found := regexp.MustCompile(name + `\s*=\s*(\d+)`).FindSubmatch(header)
		if found == nil {
			t.Errorf("bench.h has no %s", name)
			continue
		}
		if got, _ := strconv.Atoi(string(found[1])); got != want {
			t.Errorf("%s is %d in bench.h and %d here", name, got, want)
		}
	}
}
