# shellcheck shell=bash
# What test.sh, lint.sh and fmt.sh share: which files are whose, and the tools. Sourced after common.sh.

# shellcheck source=scripts/lib/versions.sh
. scripts/lib/versions.sh
# shellcheck source=scripts/lib/apt.sh
. scripts/lib/apt.sh

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

# Python that is no part of the runner's package, which has settings of its own.
other_python() {
	echo scripts orchestrator/tests/recompute orchestrator/tests/readers
}

# What reads the exports in the tests, in an environment of its own, so that the runner's stays what its users have: packages, and the
# scripts that hyperfine has in its crate. Done in seconds where they are there. What cannot be had, the tests name.
get_export_readers() {
	local readers=build/test/readers version host
	[ -x "$readers/bin/python3" ] || tool /usr/bin/python3 -m venv "$readers" || return
	tool "$readers/bin/python3" -m pip install --quiet --disable-pip-version-check \
		--requirement orchestrator/tests/readers/requirements.txt
	# Cargo fetches what a package depends on. This one is never built.
	{
		printf '[package]\nname = "readers"\nedition = "2024"\n[workspace]\n[dependencies]\n'
		for version in $hyperfine_pinned; do
			printf 'hyperfine-%s = { package = "hyperfine", version = "=%s" }\n' "${version%%.*}" "$version"
		done
	} | as_builder sh -ec 'mkdir -p "$1/src" && : >"$1/src/lib.rs" && cat >"$1/Cargo.toml"' sh "$readers/package"
	host=$(tool rustc -vV | sed -n 's/^host: //p')
	tool cargo fetch --quiet --manifest-path "$readers/package/Cargo.toml" --target "$host"
	# shellcheck disable=SC2016,SC2086 # the other shell's variables; one version a word
	tool sh -ec 'top=$1; shift
		for version in "$@"; do
			rm -rf "$top/hyperfine-$version"
			cp -r "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/"hyperfine-$version/scripts" "$top/hyperfine-$version"
		done' sh "$readers" $hyperfine_pinned
}

# A browser, in which the page of a run is looked at, and the checker of its accessibility. Done at once where they are there. What cannot
# be had, the tests name.
get_browser() {
	local axe=build/test/axe
	have chromium || have chromium-browser || have google-chrome || apt_install chromium || true
	if [ ! -e "$axe/package/axe.min.js" ] && { have npm || apt_install npm; }; then
		as_builder mkdir -p "$axe"
		as_builder sh -ec 'cd "$1" && rm -f axe-core-*.tgz && npm pack --silent "axe-core@$2" >/dev/null && tar -xzf axe-core-*.tgz' sh "$axe" "$axe_pinned" || true
	fi
}

# pytest and ruff, in the environment that the build of the Python runner makes. Done in a second where they are there.
get_python_tools() {
	tool build/python/venv/bin/python3 -m pip install --quiet --disable-pip-version-check \
		--requirement impls/python/requirements-dev.txt
}
