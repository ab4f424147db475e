# shellcheck shell=bash
# What test.sh, lint.sh and fmt.sh share: which files are whose, and the tools. Sourced after common.sh.

# project_git ARG...: git in this checkout and none above it; as its owner, for a checkout names programs that git runs, and
# without those.
project_git() {
	local git=(env "GIT_CEILING_DIRECTORIES=${PWD%/*}" git -c "safe.directory=$PWD" -c core.fsmonitor=false
		-c core.hooksPath=/dev/null -c core.quotePath=false)
	if is_root && [ "$(stat -c %U .)" != root ]; then
		setpriv --reuid "$(stat -c %u .)" --regid "$(stat -c %g .)" --clear-groups -- "${git[@]}" "$@"
	else
		"${git[@]}" "$@"
	fi
}

# files PATTERN...: tracked files that match, and new ones that are not ignored. Without git (a tarball), all of them.
files() {
	if project_git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		project_git ls-files --cached --others --exclude-standard -- "$@"
	else
		local names=(-false) pattern
		for pattern in "$@"; do
			names+=(-o -path "./$pattern")
		done
		find . \( -name target -o -path ./build \) -prune -o -type f \( "${names[@]}" \) -print
	fi
}

shell_files() {
	files '*.sh' scripts/toolchain .ci/run
}

c_files() {
	files 'impls/*.c' 'impls/*.h'
}

# The Aya implementation is a workspace of its own, because its kernel side needs another toolchain.
in_each_rust_workspace() {
	# From within it, where scripts/toolchain gives it a target folder of its own.
	tool "$@" && tool sh -ec 'cd impls/rust && exec ../../scripts/toolchain "$@"' sh "$@"
}

# pytest and ruff, in the environment that the build of the Python runner makes. Done in a second where they are there.
get_python_tools() {
	tool build/python/venv/bin/python3 -m pip install --quiet --disable-pip-version-check \
		--requirement impls/python/requirements-dev.txt
}
