#!/bin/bash -p
# Formats the sources of every language in place, with the tools and settings that `make lint` checks with.
#
#   scripts/fmt.sh
#
#   -h, --help
#
# Exit status: 0 good, 64 bad option.
set -euo pipefail
self=$(readlink -f -- "$0")
cd -- "${self%/*}/.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh
# shellcheck source=scripts/lib/dev.sh
. scripts/lib/dev.sh

only_help "$@"

in_each_rust_workspace cargo fmt --all
tool gofmt -w impls/go
get_python_tools
tool build/python/venv/bin/ruff format impls/python
# shellcheck disable=SC2046 # one folder a word
tool build/python/venv/bin/ruff format --config impls/python/pyproject.toml $(other_python)
c_files | xargs "$(clang_format_command)" -i
