// Package program loads the BPF programs of impls/bpf, attaches one of them and reads its counters.
package program

// BPF CPU v3 as for the other frameworks (bpf2go's own default is v1). scripts/toolchain sets the two variables.
//go:generate go tool bpf2go -cc $BPF_CLANG -strip $BPF_LLVM_STRIP -target bpfel -tags linux -type event ringbuf ../../../bpf/ringbuf_throughput.bpf.c -- -mcpu=v3 -Wall -Werror
