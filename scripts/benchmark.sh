#!/bin/sh
# Everything from a fresh machine to the table: set-up, build, measure, print, save.
#
#   scripts/benchmark.sh [IMPLEMENTATION...] [OPTION OF `orchestrator compare`...]
#
#   scripts/benchmark.sh                           every implementation
#   scripts/benchmark.sh c go --duration 5         two of them, five seconds a trial
#
#   -h, --help   this help; `build/orchestrator compare --help` has the options
#
# Exit status: that of `orchestrator compare`, or of the step that failed before it.
set -eu
self=$(readlink -f -- "$0")
cd -- "${self%/*}/.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh

implementations=''
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help)
		print_help
		exit 0
		;;
	-*) break ;;
	*) implementations="$implementations $1" ;;
	esac
	shift
done

scripts/setup.sh
scripts/build.sh --orchestrator-only
if [ -n "$implementations" ]; then
	set -- --implementations "$(echo "${implementations# }" | tr ' ' ',')" "$@"
fi
# It builds what it measures. An implementation that does not build leaves the others.
exec build/orchestrator compare "$@"
