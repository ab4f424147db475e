#!/bin/sh
# Everything from a fresh machine to the table: set-up, build, measure, print, save.
#
#   scripts/benchmark.sh [IMPLEMENTATION...] [OPTION OF `orchestrator compare`...]
#
#   scripts/benchmark.sh                           every implementation, in 8 blocks of trials of 2 s
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

# Many short trials tell more than few long ones. What the options say themselves stays.
duration='--duration 2'
blocks='--blocks 8'
for option in "$@"; do
	case $option in
	--duration | --duration=*) duration='' ;;
	--blocks | --blocks=* | --precision | --precision=* | --max-time | --max-time=*) blocks='' ;;
	esac
done
# shellcheck disable=SC2086 # two words each, or none
set -- $duration $blocks "$@"

say 'step 1 of 3: set-up (about 2 minutes on a fresh machine, seconds where all is there)'
scripts/setup.sh
say 'step 2 of 3: build (about 4 minutes the first time, seconds later)'
scripts/build.sh --orchestrator-only
if [ -n "$implementations" ]; then
	set -- --implementations "$(echo "${implementations# }" | tr ' ' ',')" "$@"
fi
say 'step 3 of 3: build the implementations, then measure (it says how long)'
# It builds what it measures. An implementation that does not build leaves the others.
exec build/orchestrator compare "$@"
