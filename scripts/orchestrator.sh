#!/bin/sh
# Runs one command of the orchestrator, freshly built: scripts/orchestrator.sh COMMAND [OPTION...]
set -eu
cd "$(dirname "$0")/.."
scripts/build.sh --orchestrator-only
exec build/orchestrator "$@"
