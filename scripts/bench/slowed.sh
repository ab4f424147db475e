#!/bin/sh
# Shows that known differences are found, and how large they are: the C runner against test builds of it that do some extra work
# for each record, as much as adds about 10, 25 and 100 % on this machine. `orchestrator compare` must call each test build
# slower, with an interval that agrees with what the two give when they run alone, without the supervisor.
#
#   scripts/bench/slowed.sh [--blocks N] [--seconds N]
#
#   --blocks N    of the comparison, and pairs measured alone; default 12
#   --seconds N   of one measurement, default 2
#
# Needs root, a quiet machine and about a quarter of an hour. Exit status: 0 found, 1 not found, 64 bad option.
set -eu
self=$(readlink -f -- "$0")
cd -- "${self%/*}/../.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh

blocks=12
seconds=2
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help)
		print_help
		exit 0
		;;
	--blocks | --seconds)
		case ${2:-} in
		'' | *[!0-9]* | 0*) usage_error "\`$1\` needs a whole number above 0" ;;
		esac
		case $1 in
		--blocks) blocks=$2 ;;
		--seconds) seconds=$2 ;;
		esac
		shift 2
		;;
	*) usage_error "unknown option \`$1\`" ;;
	esac
done

scripts/build.sh c
mkdir -p build/bench
exec /usr/bin/python3 scripts/bench/slowed.py "$blocks" "$seconds"
