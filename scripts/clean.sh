#!/bin/sh
# Removes everything that was built, of every implementation; results stay. `build/orchestrator build --clean NAME` does it
# for one.
set -eu
cd "$(dirname "$0")/.."
rm -rf build target impls/rust/target impls/go/*_bpfel.go impls/go/*_bpfel.o
find impls -type d \( -name __pycache__ -o -name .pytest_cache -o -name .ruff_cache \) -prune -exec rm -rf {} +
