#!/bin/sh
# Runs one command of the orchestrator, freshly built: scripts/orchestrator.sh COMMAND [OPTION...]
set -eu
self=$(readlink -f -- "$0")
cd -- "${self%/*}/.."
scripts/build.sh --orchestrator-only
exec build/orchestrator "$@"
