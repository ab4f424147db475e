// Package attach loads and attaches the program: what all program types share, and a file for each.
package attach

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/rlimit"
	"golang.org/x/sys/unix"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/contract"
)

// Type is one program type: what its own file has to give.
type Type struct {
	Name string
	// Default is where it is attached when nobody says where.
	Default string
	// Grammar is what a target looks like, and Expected says so.
	Grammar  *regexp.Regexp
	Expected string

	// program is its name in the object.
	program string
	// check finds out what a refusal by the kernel would not say clearly; nil: there is nothing.
	check func(target string) error
	// cookie tells where the program finds a trigger's cookie; registers: this machine's struct pt_regs is known.
	cookie func(target string, registers bool) uint32
	attach func(program *ebpf.Program, target string) (link.Link, error)
	// hint is what to do about a target that the kernel refuses; empty: such a refusal is like any other.
	hint string
}

// Types are the program types.
var Types = []*Type{&tracepoint, &rawTracepoint, &kprobe, &fentry}

// firstRegister is the offset of the first argument's register in struct pt_regs: di, or regs[0].
var firstRegister = map[string]uint32{"amd64": 112, "arm64": 0}

// Cookie tells the program where a trigger's cookie is (docs/PROTOCOL.md, Marks), and the offset of the first argument's register.
func (t *Type) Cookie(target string) (where, offset uint32) {
	offset, known := firstRegister[runtime.GOARCH]
	return t.cookie(target, known), offset
}

// Program is one loaded program with its maps.
type Program struct {
	*Type
	Target     string
	Collection *ebpf.Collection
	link       link.Link
}

// Load loads the program of a type. The verifier's log goes to log.
func (t *Type) Load(spec *ebpf.CollectionSpec, target string, log io.Writer) (*Program, error) {
	if !mayLoad() {
		return nil, contract.Fail(contract.Permission, "run it with sudo",
			"loading BPF programs needs root, or CAP_BPF and CAP_PERFMON")
	}
	if t.check != nil {
		if err := t.check(target); err != nil {
			return nil, err
		}
	}
	// Only kernels before 5.11 count maps against this limit; on newer ones the call does nothing.
	if err := rlimit.RemoveMemlock(); err != nil {
		return nil, t.refused(target, err)
	}
	// The others need not be supported by this kernel.
	for name, program := range spec.Programs {
		if name != t.program {
			delete(spec.Programs, name)
		}
		program.AttachTo = target
	}
	options := ebpf.CollectionOptions{}
	if log != io.Discard {
		options.Programs.LogLevel = ebpf.LogLevelStats
	}
	collection, err := ebpf.NewCollectionWithOptions(spec, options)
	if err != nil {
		var refusal *ebpf.VerifierError
		if errors.As(err, &refusal) {
			// The error itself shows the last line only.
			fmt.Fprintf(log, "verifier: %+v\n", refusal)
		}
		return nil, t.refused(target, err)
	}
	fmt.Fprintf(log, "verifier: %s\n", collection.Programs[t.program].VerifierLog)
	return &Program{Type: t, Target: target, Collection: collection}, nil
}

// mayLoad looks at the effective capabilities: root in a container may have none, and a user may have been given some. The kernel
// answers a missing one and a program type that it does not have with the same error.
func mayLoad() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false
	}
	has := func(capability int) bool {
		return data[capability/32].Effective&(1<<(capability%32)) != 0
	}
	return has(unix.CAP_SYS_ADMIN) || has(unix.CAP_BPF) && has(unix.CAP_PERFMON)
}

// Attach attaches the program; it runs from now on.
func (p *Program) Attach() error {
	attached, err := p.attach(p.Collection.Programs[p.program], p.Target)
	if err != nil {
		return p.refused(p.Target, err)
	}
	p.link = attached
	return nil
}

// Detach closes the link and waits for the runs that are still under way on other CPUs, so that the counters are final.
func (p *Program) Detach() error {
	if err := p.link.Close(); err != nil {
		return fmt.Errorf("cannot detach the program: %w", err)
	}
	// MEMBARRIER_CMD_GLOBAL waits for an RCU grace period. Kernels with nohz_full CPUs refuse it; the wait is then left to
	// the caller, who looks at the counters until they agree with what arrived.
	_, _, _ = unix.Syscall(unix.SYS_MEMBARRIER, 1, 0, 0)
	return nil
}

// IDs returns the kernel's ids of the program and of the maps that it uses; the kernel lists each once.
func (p *Program) IDs() ([]ebpf.ProgramID, []ebpf.MapID, error) {
	info, err := p.Collection.Programs[p.program].Info()
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the program's info: %w", err)
	}
	id, _ := info.ID()
	maps, _ := info.MapIDs()
	return []ebpf.ProgramID{id}, maps, nil
}

// verdict is the verifier's last line. It says 0 where the kernel found before the verifier that the program cannot be loaded.
var verdict = regexp.MustCompile(`^processed [1-9]\d* insns`)

// refused makes the contract's error of the framework's. What the kernel lacks or does not allow is unsupported; what the verifier
// does not accept and what is not the kernel's error are bugs.
func (t *Type) refused(target string, err error) error {
	// To a missing permission the framework adds a guess about RLIMIT_MEMLOCK, which Load has lifted already.
	reason := strings.Join(strings.Fields(err.Error()), " ")
	if errors.Is(err, unix.EPERM) {
		reason = unix.EPERM.Error()
	}
	const hint = "run again with `--verbose` for the framework's log"
	var ofVerifier *ebpf.VerifierError
	if errors.As(err, &ofVerifier) && slices.ContainsFunc(ofVerifier.Log, verdict.MatchString) {
		return contract.Fail(contract.Internal, hint, "the verifier refuses the `%s` program: %s", t.Name, reason)
	}
	kind := contract.Internal
	var number unix.Errno
	// A hint is about the target, and what is wrong with that has not always a number.
	if t.hint != "" || errors.As(err, &number) || errors.Is(err, ebpf.ErrNotSupported) || errors.Is(err, os.ErrNotExist) {
		kind = contract.Unsupported
	}
	return contract.Fail(kind, cmp.Or(t.hint, hint), "this kernel refuses the `%s` program for `%s`: %s", t.Name, target, reason)
}
