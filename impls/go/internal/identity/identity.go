// Package identity tells who this runner is.
package identity

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// ProtocolVersion is the version of docs/PROTOCOL.md that this runner speaks.
const ProtocolVersion = 2

const (
	runnerVersion   = "0.1.0"
	frameworkModule = "github.com/cilium/ebpf"
)

// Identity names an implementation and the framework under it.
type Identity struct {
	Implementation   string
	Framework        string
	FrameworkVersion string
}

// Own is the identity of this runner. The framework's version is the one linked in, not the one asked for.
func Own() Identity {
	return Identity{Implementation: "go", Framework: "ebpf-go", FrameworkVersion: linkedVersion(frameworkModule)}
}

// Line is the version line, also the head of the text report.
func (i Identity) Line() string {
	return fmt.Sprintf("ringbuf_throughput %s (%s, %s %s, protocol %d)",
		runnerVersion, i.Implementation, i.Framework, i.FrameworkVersion, ProtocolVersion)
}

func linkedVersion(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, dependency := range info.Deps {
		if dependency.Path != module {
			continue
		}
		if dependency.Replace != nil {
			dependency = dependency.Replace
		}
		return strings.TrimPrefix(dependency.Version, "v")
	}
	return "unknown"
}
