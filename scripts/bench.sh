#!/bin/sh
# Measures this project itself: every runner against the bare loop of its framework, the supervisor against no supervisor,
# the load generator against a bare C loop. Five interleaved rounds, medians.
#
#   scripts/bench.sh [--rounds N] [--seconds N]
#
#   --rounds N    default 5
#   --seconds N   of one measurement, default 3
#
# Needs root and a quiet machine. Exit status: 0 every limit is kept, 1 one is not, 64 bad option.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh

for argument in "$@"; do
	case $argument in
	-h | --help)
		print_help
		exit 0
		;;
	esac
done

scripts/build.sh
mkdir -p build/bench
cc -O2 -Wall -Wextra -Werror -o build/bench/bare_loop scripts/bench/bare_loop.c
exec /usr/bin/python3 scripts/bench/bench.py "$@"
