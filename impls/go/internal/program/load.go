package program

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/rlimit"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
)

// Program is one loaded BPF program with its maps.
type Program struct {
	programType config.ProgramType
	target      string
	collection  *ebpf.Collection
	program     *ebpf.Program
	link        link.Link
}

// Load loads the program that the configuration names. The verifier's log goes to log, unless it is nil.
func Load(cfg config.Config, log io.Writer) (*Program, error) {
	if err := checkSupport(cfg.ProgramType, cfg.AttachTarget); err != nil {
		return nil, err
	}
	// Only kernels before 5.11 count maps against this limit; on newer ones the call does nothing.
	if err := rlimit.RemoveMemlock(); err != nil {
		return nil, refused(cfg.ProgramType, cfg.AttachTarget, err)
	}

	spec, err := loadRingbuf()
	if err != nil {
		return nil, fmt.Errorf("the embedded BPF object is bad: %w", err)
	}
	name := functionName(cfg.ProgramType)
	if err := configure(spec, name, cfg); err != nil {
		return nil, err
	}
	options := ebpf.CollectionOptions{}
	if log != nil {
		options.Programs.LogLevel = ebpf.LogLevelStats
	}
	collection, err := ebpf.NewCollectionWithOptions(spec, options)
	if err != nil {
		logRefusal(log, err)
		return nil, refusedLoad(cfg.ProgramType, cfg.AttachTarget, err)
	}
	program := collection.Programs[name]
	if log != nil {
		fmt.Fprintf(log, "verifier: %s\n", program.VerifierLog)
	}
	return &Program{
		programType: cfg.ProgramType,
		target:      cfg.AttachTarget,
		collection:  collection,
		program:     program,
	}, nil
}

// configure keeps one program and sets what has to be known before the load.
func configure(spec *ebpf.CollectionSpec, name string, cfg config.Config) error {
	// The others need not be supported by this kernel.
	for other := range spec.Programs {
		if other != name {
			delete(spec.Programs, other)
		}
	}
	if cfg.ProgramType == config.Fentry {
		spec.Programs[name].AttachTo = cfg.AttachTarget
	}
	spec.Maps[ringbufMapEvents].MaxEntries = cfg.RingSize

	var knobs ringbufKnobs
	variable := spec.Variables[ringbufVarKnobs]
	if err := variable.Get(&knobs); err != nil {
		return fmt.Errorf("cannot read the knobs' defaults: %w", err)
	}
	knobs.TargetPid = cfg.TargetPID
	knobs.RecordSize = cfg.RecordSize
	knobs.Batch = cfg.Batch
	knobs.Wakeup = wakeupKnob(cfg.Wakeup.Policy)
	knobs.WakeupBytes = cfg.Wakeup.Bytes
	knobs.Work = cfg.Work
	knobs.Cookie, knobs.CookieOffset = cookie(cfg.ProgramType, cfg.AttachTarget)
	if err := variable.Set(&knobs); err != nil {
		return fmt.Errorf("cannot set the knobs: %w", err)
	}
	return nil
}

func functionName(programType config.ProgramType) string {
	switch programType {
	case config.RawTracepoint:
		return ringbufProgOnRawTp
	case config.Kprobe:
		return ringbufProgOnKprobe
	case config.Fentry:
		return ringbufProgOnFentry
	default:
		return ringbufProgOnTracepoint
	}
}

func wakeupKnob(policy config.WakeupPolicy) uint32 {
	switch policy {
	case config.Sampled:
		return wakeupSampled
	case config.Timer:
		return wakeupTimer
	default:
		return wakeupAdaptive
	}
}

// logRefusal writes the whole verifier log, of which the error itself shows the last line only.
func logRefusal(log io.Writer, err error) {
	var refusal *ebpf.VerifierError
	if log != nil && errors.As(err, &refusal) {
		fmt.Fprintf(log, "verifier: %+v\n", refusal)
	}
}

// Events is the ring buffer.
func (p *Program) Events() *ebpf.Map {
	return p.collection.Maps[ringbufMapEvents]
}

// IDs returns the kernel's ids of the program and of the maps that it uses, as the kernel tells them: each once.
func (p *Program) IDs() (programs, maps []uint32, err error) {
	info, err := p.program.Info()
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the program's info: %w", err)
	}
	id, _ := info.ID()
	used, _ := info.MapIDs()
	for _, m := range used {
		maps = append(maps, uint32(m))
	}
	slices.Sort(maps)
	return []uint32{uint32(id)}, slices.Compact(maps), nil
}

// Close detaches the program and lets go of it and its maps.
func (p *Program) Close() error {
	err := p.Detach()
	p.collection.Close()
	return err
}
