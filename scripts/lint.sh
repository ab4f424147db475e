#!/bin/bash -p
# Checks the sources of every language: form, lints, syntax. Changes nothing; `make fmt` mends the form.
#
#   scripts/lint.sh
#
#   -h, --help
#
# A tool that is not installed is skipped and named; with CI=true it is got first, and still missing is a failure.
# `scripts/setup.sh --lint` gets them.
#
# Exit status: 0 clean, 1 not, 64 bad option.
set -euo pipefail
self=$(readlink -f -- "$0")
cd -- "${self%/*}/.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh
# shellcheck source=scripts/lib/dev.sh
. scripts/lib/dev.sh

only_help "$@"

lint_shell() {
	shell_files | xargs shellcheck
}

lint_yaml() {
	files '*.yaml' '*.yml' '*.cff' | xargs ruby -ryaml -e 'ARGV.each { |file| YAML.parse_file(file) }'
}

lint_vagrantfile() {
	ruby -c Vagrantfile
}

lint_c() {
	c_files | xargs "$(clang_format_command)" --dry-run --Werror
}

lint_rust_form() {
	in_each_rust_workspace cargo fmt --all --check
}

lint_rust() {
	in_each_rust_workspace cargo clippy --all-targets --locked --quiet -- --deny warnings
}

lint_go_form() {
	local unformatted
	unformatted=$(tool gofmt -l impls/go) || return 1
	[ -z "$unformatted" ] || { echo "not formatted: $unformatted" && return 1; }
}

lint_go() {
	tool sh -ec 'cd impls/go && go vet ./... && go tool staticcheck ./...'
}

lint_python_form() {
	# shellcheck disable=SC2046 # one folder a word
	tool build/python/venv/bin/ruff format --check impls/python &&
		tool build/python/venv/bin/ruff format --check --config impls/python/pyproject.toml $(other_python)
}

lint_python() {
	# shellcheck disable=SC2046 # one folder a word
	tool build/python/venv/bin/ruff check impls/python &&
		tool build/python/venv/bin/ruff check --config impls/python/pyproject.toml $(other_python)
}

table=''
failed=no

# check NAME TOOL...: runs lint_NAME where every tool answers.
check() {
	local name=$1 outcome=clean
	shift
	if ! "$@" >/dev/null 2>&1; then
		outcome="skipped: no \`$*\`"
		[ "${CI:-}" != true ] || failed=yes
	elif ! "lint_$name"; then
		outcome='NOT CLEAN'
		failed=yes
	fi
	table+=$(printf '%-14s %s' "$name" "$outcome")$'\n'
}

if [ "${CI:-}" = true ]; then
	scripts/setup.sh --lint
fi
# Clippy and vet read what the builds generate, and ruff lives in the environment that the build of the runner makes.
scripts/build.sh || failed=yes
get_python_tools || failed=yes

check shell shellcheck --version
check yaml ruby --version
check vagrantfile ruby --version
check c clang_format_command
check rust_form tool cargo fmt --version
check go_form tool gofmt -h
check python_form tool build/python/venv/bin/ruff --version
check python tool build/python/venv/bin/ruff --version
check go tool go version
check rust tool cargo clippy --version

say '== lint'
printf '%s' "$table"
if [ "$failed" = yes ]; then
	fail 1 'the sources are not clean, or something needed to tell is missing' \
		'look at the messages above; `make fmt` mends the form, `scripts/setup.sh --lint` gets the tools'
fi
