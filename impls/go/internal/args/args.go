// Package args reads the command line of a runner.
//
// The standard flag package is not used: every runner must say the same about the same mistake (docs/PROTOCOL.md).
package args

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/config"
	"github.com/ebpf-framework-benchmark/ebpf-framework-benchmark/impls/go/internal/fault"
)

// Help is the output of --help, equal to impls/testdata/help.txt.
//
//go:embed help.txt
var Help string

// Action is what a command line asks for.
type Action int

// The actions.
const (
	Measure Action = iota
	ShowHelp
	ShowVersion
)

// Parse reads the arguments after the program's name. mayRunOn tells whether this process may run on a CPU.
func Parse(arguments []string, mayRunOn func(cpu int) bool) (config.Config, Action, error) {
	cfg := config.Default()
	for len(arguments) > 0 {
		word := arguments[0]
		arguments = arguments[1:]

		name, attached, hasAttached, err := split(word)
		if err != nil {
			return cfg, Measure, err
		}
		switch name {
		case "-h", "--help", "-V", "--version":
			if hasAttached {
				return cfg, Measure, usage("`%s` takes no value", name)
			}
			if name == "-h" || name == "--help" {
				return cfg, ShowHelp, nil
			}
			return cfg, ShowVersion, nil
		}

		f := lookUp(name)
		switch {
		case f == nil:
			return cfg, Measure, usage("unknown flag `%s`", name)
		case f.enable != nil && hasAttached:
			return cfg, Measure, usage("`%s` takes no value", name)
		case f.enable != nil:
			f.enable(&cfg)
			continue
		case !hasAttached && len(arguments) == 0:
			return cfg, Measure, usage("`%s` needs a value", name)
		case !hasAttached:
			attached = arguments[0]
			arguments = arguments[1:]
		}
		if !f.set(&cfg, attached) {
			return cfg, Measure, invalid(attached, f.long, f.expected)
		}
	}
	return cfg, Measure, resolve(&cfg, mayRunOn)
}

// split takes a word apart into the flag and the value that is attached to it, if any.
func split(word string) (name, value string, attached bool, err error) {
	switch {
	case strings.HasPrefix(word, "--") && len(word) > 2:
		name, value, attached = strings.Cut(word, "=")
		return name, value, attached, nil
	case strings.HasPrefix(word, "-") && len(word) > 1 && word != "--":
		name, value = word[:2], word[2:]
		return name, strings.TrimPrefix(value, "="), value != "", nil
	default:
		return "", "", false, usage("unexpected argument `%s`", word)
	}
}

// resolve checks what depends on more than one flag or on this machine, and fills in the default that does.
func resolve(cfg *config.Config, mayRunOn func(cpu int) bool) error {
	if cfg.AttachTarget == "" {
		cfg.AttachTarget = defaultTarget(cfg.ProgramType)
	}
	if expected := checkTarget(cfg.ProgramType, cfg.AttachTarget); expected != "" {
		return invalid(cfg.AttachTarget, "--attach-target", expected)
	}
	if cfg.CPU != config.NotPinned && !mayRunOn(cfg.CPU) {
		return usage("invalid value `%d` for `--cpu`: this process may not run on that CPU", cfg.CPU)
	}
	if cfg.Output == config.Text {
		cfg.Latency = true
	}
	return nil
}

// WantsJSONL tells whether a command line that could not be parsed asks for messages, so that its error can be one.
func WantsJSONL(arguments []string) bool {
	wanted := false
	for i, word := range arguments {
		value, attached := strings.CutPrefix(word, "--output=")
		if word == "--output" && i+1 < len(arguments) {
			value, attached = arguments[i+1], true
		}
		if attached {
			wanted = value == string(config.JSONL)
		}
	}
	return wanted
}

func invalid(value, flag, expected string) error {
	return usage("invalid value `%s` for `%s`: expected %s", value, flag, expected)
}

func usage(format string, values ...any) error {
	return &fault.Fault{
		Kind:    fault.Usage,
		Message: fmt.Sprintf(format, values...),
		Hint:    "run `ringbuf_throughput --help` for the flags and their values",
	}
}
