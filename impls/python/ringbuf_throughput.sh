#!/bin/sh
# Runs the BCC runner. The build copies this file to build/python/ringbuf_throughput; everything is found from there.
set -eu

case $0 in
*/*) here=${0%/*} ;;
*) here=. ;;
esac
root=$(cd -- "$here/../.." && pwd)
python=$root/build/python/venv/bin/python3
if [ ! -x "$python" ]; then
	printf '%s\n\n%s\n' "error: the Python runner is not built" "hint: run \`make build\`" >&2
	exit 69
fi

# Not the current folder, which may hold anything; and no bytecode that belongs to root in the sources.
PYTHONPATH=$root/impls/python
PYTHONSAFEPATH=1
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONSAFEPATH PYTHONDONTWRITEBYTECODE
exec "$python" -m ringbuf_throughput "$@"
