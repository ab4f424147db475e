#!/bin/sh
# Runs the BCC runner. The build copies this file to build/python/ringbuf_throughput (of a variant: build/python+NAME);
# everything is found from there.
set -eu

# Nothing of the caller's shell finds its way in here: no CDPATH, because there is no `cd`, and no other PATH, because BCC needs
# the system's own tools at most.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
self=$(readlink -f -- "$0")
root=${self%/build/*/*}
python=$root/build/python/venv/bin/python3
if [ ! -x "$python" ]; then
	printf '%s\n\n%s\n' "error: the Python runner is not built" "hint: run \`make build\`" >&2
	exit 69
fi

# An environment of its own, so that what the caller has set for other programs (PYTHONMALLOC, LD_PRELOAD, MALLOC_ARENA_MAX) changes
# nothing that is measured. What BCC looks for kernel headers with stays, and what a variant is. -I: no PYTHON* variable, no current folder and no
# package of the user's; -B: no bytecode that belongs to root in the sources.
exec env -i PATH="$PATH" LC_ALL=C.UTF-8 \
	${BCC_KERNEL_SOURCE+"BCC_KERNEL_SOURCE=$BCC_KERNEL_SOURCE"} ${TMPDIR+"TMPDIR=$TMPDIR"} \
	${RUNNER_READING+"RUNNER_READING=$RUNNER_READING"} \
	"$python" -I -B "$root/impls/python" "$@"
