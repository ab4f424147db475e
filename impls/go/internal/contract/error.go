package contract

import (
	"errors"
	"fmt"
	"strings"
)

// The kinds of errors in docs/PROTOCOL.md.
const (
	Usage       = "usage"
	Unsupported = "unsupported"
	Permission  = "permission"
	Internal    = "internal"
)

// maxMessageBytes keeps the line of an error, which may quote a command line or a verifier's log, below 64 KiB even when every
// byte of it is escaped.
const maxMessageBytes = 8 << 10

// Error is the last message of a run that could not be.
type Error struct {
	Kind    string  `json:"kind"`
	Message string  `json:"message"`
	Hint    *string `json:"hint"`
}

// Fail makes an error; an empty hint is none.
func Fail(kind, hint, format string, values ...any) *Error {
	e := &Error{Kind: kind, Message: fmt.Sprintf(format, values...)}
	if len(e.Message) > maxMessageBytes {
		e.Message = strings.ToValidUTF8(e.Message[:maxMessageBytes], "") + "..."
	}
	if hint != "" {
		e.Hint = &hint
	}
	return e
}

// AsError finds the contract's error in any error: one that has none is a bug.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Fail(Internal, "", "%v", err)
}

// Error is how the error reads on standard error.
func (e *Error) Error() string {
	if e.Hint == nil {
		return e.Message
	}
	return e.Message + "\n\nhint: " + *e.Hint
}

// Status is the exit status of a runner that ends so.
func (e *Error) Status() int {
	return map[string]int{Usage: 64, Unsupported: 69, Permission: 69, Internal: 70}[e.Kind]
}
