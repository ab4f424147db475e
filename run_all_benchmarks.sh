#!/bin/sh
# Builds and measures every implementation, prints the summary and saves the result in results/.
#
#   ./run_all_benchmarks.sh [OPTION OF `orchestrator compare`...]
#
#   ./run_all_benchmarks.sh                        8 blocks of trials of two seconds
#   ./run_all_benchmarks.sh --duration 5           of five
#
#   -h, --help   this help; `build/orchestrator compare --help` has the options
#
# Works as root and as a user with sudo; the builds never run as root's in a user's checkout. What is missing on the machine
# is set up first. Exit status: that of `orchestrator compare`, or of the step that failed before it.
set -eu
self=$(readlink -f -- "$0")
cd -- "${self%/*}"
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh

case ${1:-} in
-h | --help)
	print_help
	exit 0
	;;
'' | -*) ;;
*) usage_error "unexpected argument \`$1\`" ;;
esac
exec scripts/benchmark.sh "$@"
