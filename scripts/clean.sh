#!/bin/sh
# Removes what was built, as the clean commands of each implementation's impl.yaml and of the tools do it; results stay.
set -eu
cd "$(dirname "$0")/.."
rm -rf build target impls/rust/target impls/go/*_bpfel.go impls/go/*_bpfel.o
find impls -type d \( -name __pycache__ -o -name .pytest_cache -o -name .ruff_cache \) -prune -exec rm -rf {} +
