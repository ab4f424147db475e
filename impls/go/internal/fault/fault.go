// Package fault holds the errors that a runner may end with, as docs/PROTOCOL.md names them.
package fault

// Kind is the category of a fault; it decides the exit status.
type Kind string

// The kinds of docs/PROTOCOL.md.
const (
	Usage       Kind = "usage"
	Unsupported Kind = "unsupported"
	Permission  Kind = "permission"
	Internal    Kind = "internal"
)

// Fault is an error that is worth showing to the user: what happened, and what to do about it.
type Fault struct {
	Kind    Kind
	Message string
	// Hint is empty when there is no advice to give.
	Hint string
}

// Error returns the message without the hint.
func (f *Fault) Error() string { return f.Message }

// Status is the exit status of a runner that ends with this kind of fault.
func (k Kind) Status() int {
	switch k {
	case Usage:
		return 64
	case Unsupported, Permission:
		return 69
	default:
		return 70
	}
}
