#!/bin/sh
# Shows that a known difference is found, and how large it is: the C runner against a test build of it that does some extra
# work for each record. `orchestrator compare` must call the test build slower, with an interval that holds the ratio that
# the two give when they run alone, without the supervisor.
#
#   scripts/bench/slowed.sh [--rounds N] [--blocks N] [--seconds N]
#
#   --rounds N    of extra work a record, each a multiplication and an addition that need the one before; default 4
#   --blocks N    of the comparison, and measurements alone; default 12
#   --seconds N   of one measurement, default 2
#
# Needs root and a quiet machine. Exit status: 0 found, 1 not found, 64 bad option.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh

rounds=4
blocks=12
seconds=2
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help)
		print_help
		exit 0
		;;
	--rounds | --blocks | --seconds)
		case ${2:-} in
		'' | *[!0-9]* | 0*) usage_error "\`$1\` needs a whole number above 0" ;;
		esac
		case $1 in
		--rounds) rounds=$2 ;;
		--blocks) blocks=$2 ;;
		--seconds) seconds=$2 ;;
		esac
		shift 2
		;;
	*) usage_error "unknown option \`$1\`" ;;
	esac
done

scripts/build.sh c
# Its own target folder: the runner that is measured otherwise is never this one.
target=$PWD/target/slowed
RUNNER_EXTRA_WORK_ROUNDS=$rounds CARGO_TARGET_DIR=$target \
	scripts/toolchain cargo build --quiet --release --locked --package impl-c
# A project of two implementations, as anybody could set up.
project=build/bench/slowed
rm -rf "$project"
for name in c c-slowed; do
	mkdir -p "$project/impls/$name" "$project/build/$name"
	sed -e "s/^name: .*/name: $name/" -e '/^aliases:/d' impls/c/impl.yaml >"$project/impls/$name/impl.yaml"
done
sed -i '/^baseline:/d' "$project/impls/c-slowed/impl.yaml"
cp build/c/ringbuf_throughput "$project/build/c/"
cp "$target/release/impl-c" "$project/build/c-slowed/ringbuf_throughput"
exec /usr/bin/python3 scripts/bench/slowed.py "$project" "$rounds" "$blocks" "$seconds"
