// Package surroundings keeps what the caller has set for other programs away from this one.
package surroundings

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// runtimeVariables are those by which the caller changes Go's runtime: how often it collects garbage, on how many threads it
// runs, what it traces. The runtime reads them before main, and takes most of them back from nobody.
var runtimeVariables = []string{"GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK"}

// Leave starts this program again, as the same process, without the variables that change Go's runtime. It returns at once when
// there are none.
func Leave() error {
	kept := without(os.Environ(), runtimeVariables)
	if len(kept) == len(os.Environ()) {
		return nil
	}
	// Not /proc/self/exe, by which the process would be called `exe`.
	executable, err := os.Executable()
	if err == nil {
		err = unix.Exec(executable, os.Args, kept)
	}
	return fmt.Errorf("cannot start again without %s: %w", strings.Join(runtimeVariables, ", "), err)
}

// without returns the environment without some variables.
func without(environment, names []string) []string {
	return slices.DeleteFunc(environment, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(names, name)
	})
}
