#!/bin/sh
# Builds the orchestrator, then every implementation (or those that are named) as its impl.yaml says, into build/.
#
#   scripts/build.sh [IMPLEMENTATION...]
#   scripts/build.sh --orchestrator-only
#
#   -h, --help
#
# Under sudo it builds as the owner of the checkout. V=1 shows the commands of the build tools.
#
# Exit status: 0 good, 5 something did not build (the rest did), 64 bad option.
set -eu
self=$(readlink -f -- "$0")
cd -- "${self%/*}/.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh

orchestrator_only=no
for argument in "$@"; do
	case $argument in
	--orchestrator-only) orchestrator_only=yes ;;
	-h | --help)
		print_help
		exit 0
		;;
	-*) usage_error "unknown option \`$argument\`" ;;
	esac
done

if [ "${V:-}" = 1 ]; then loudness=--verbose; else loudness=--quiet; fi
[ -e build/orchestrator ] || say 'building the orchestrator (the first time takes a minute or two)'
tool scripts/cargo-product.sh build/orchestrator orchestrator "$loudness" --package orchestrator ||
	fail 5 'the orchestrator does not build' 'run `make setup`, then look at the messages above'

[ "$orchestrator_only" = no ] || exit 0
tool build/orchestrator build "$@"
