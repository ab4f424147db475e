#!/bin/sh
# Builds everything here, then runs `orchestrator verify` under another kernel, in an emulated machine: the conformance of
# kprobe and fentry, which not every kernel has, on the kernels that users run. Takes about ten minutes.
#
#   scripts/vm/verify.sh KERNEL [OPTION of `orchestrator verify`...]
#
#   scripts/vm/verify.sh 5.10 --implementations go --program-types kprobe,fentry
#
#   KERNEL       one that scripts/vm/run.sh takes
#   -h, --help
#
# Exit status: that of `orchestrator verify`, or of the step that failed before it.
set -eu
self=$(readlink -f -- "$0")
cd -- "${self%/*}/../.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh

case ${1:-} in
-h | --help)
	print_help
	exit 0
	;;
'' | -*) usage_error 'which kernel?' ;;
esac
kernel=$1
shift

scripts/build.sh
as_root scripts/vm/run.sh --kernel "$kernel" -- build/orchestrator verify --no-build "$@"
