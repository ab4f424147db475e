#!/bin/bash -p
# Sets up, builds, and runs every test there is, from cheap to dear. A failing part does not keep the next from running.
#
#   scripts/test.sh [PART...]
#
#   PART         only these, of: orchestrator c libbpf-rs rust go python verify
#   -h, --help
#
# Parts that load BPF programs need root: as a user they run through sudo. Where the kernel can run BPF, a skipped test is a
# failure, unless it needs a kernel feature (kprobe, fentry) that this kernel lacks.
#
# Exit status: 0 all passed, 1 a part failed or skipped what it should not, 64 bad option.
set -euo pipefail
self=$(readlink -f -- "$0")
cd -- "${self%/*}/.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh
# shellcheck source=scripts/lib/dev.sh
. scripts/lib/dev.sh

all_parts=(orchestrator c libbpf-rs rust go python verify)
parts=()
for argument in "$@"; do
	case $argument in
	-h | --help)
		print_help
		exit 0
		;;
	*)
		[[ " ${all_parts[*]} " == *" $argument "* ]] || usage_error "unknown part \`$argument\`"
		parts+=("$argument")
		;;
	esac
done
[ ${#parts[@]} -gt 0 ] || parts=("${all_parts[@]}")

logs=build/test
table=''
failed=no

# Its tests, too, run real runners: built by the builder, run as root.
test_orchestrator() {
	# Exports are read by the tools that they are for.
	get_export_readers
	# Pages are opened by a browser.
	get_browser
	cargo_test_as_root --workspace --exclude impl-c --exclude impl-libbpf-rs
}

test_c() {
	cargo_test_as_root --package impl-c
}

test_libbpf-rs() {
	cargo_test_as_root --package impl-libbpf-rs
}

test_rust() {
	cargo_test_as_root --manifest-path impls/rust/Cargo.toml --target-dir impls/rust/target
}

# With the output of tests that pass, because that is where a test says that it skipped something.
cargo_test_as_root() {
	local host
	host=$(tool rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
	tool env ${as_root_words:+"CARGO_TARGET_${host}_RUNNER=$as_root_words"} \
		cargo test --locked --quiet --no-fail-fast "$@" -- --show-output
}

test_go() {
	tool go -C impls/go test -v ${as_root_words:+-exec "$as_root_words"} ./... | grep -vE '^ *(=== |--- PASS|PASS$)'
}

test_python() {
	get_python_tools
	# shellcheck disable=SC2086 # words of a command, or none
	tool sh -ec 'cd impls/python && exec "$@"' sh $as_root_words \
		env PYTHONDONTWRITEBYTECODE=1 ../../build/python/venv/bin/python3 -m pytest -q -p no:cacheprovider
}

# Conformance of every runner, with real events. The orchestrator gets its privileges by itself.
test_verify() {
	build/orchestrator verify
}

# skips LOG: the lines of a part's output that tell of a skipped test.
skips() {
	grep -E '^ *--- SKIP|^SKIPPED |^test .* \.\.\. ignored|; [1-9][0-9]* ignored;|^ *skipped\b' "$1" || true
}

# A skip that says that this kernel lacks kprobe or fentry, or a framework a way. Where the kernel has kprobes, that excuse is not taken.
is_allowed_skip() {
	case $1 in
	*fentry*) return 0 ;;
	# What happens without privileges is not for root to see; the others try it as nobody.
	*WithoutPrivileges*) return 0 ;;
	# What a framework's public interface cannot do, as its manifest says.
	*' go '*'ring a CPU'*'reader waits for one ring buffer'*) return 0 ;;
	*' python '*'reader a ring'*'one call that reads all ring buffers'*) return 0 ;;
	# A flag that no runner here knows yet.
	*'further programs'*'does not know '*) return 0 ;;
	*kprobe*) [ ! -e /sys/bus/event_source/devices/kprobe ] ;;
	*) return 1 ;;
	esac
}

can_run_bpf() {
	can_be_root && [ -e /sys/kernel/btf/vmlinux ] && [ -n "$(as_root ls /sys/kernel/tracing/events 2>/dev/null)" ]
}

run_part() {
	local part=$1 log=$logs/$1.log outcome=passed skipped=0 refused=0 line
	say "== $part"
	if ! "test_$part" 2>&1 | tee "$log"; then
		outcome=FAILED
	fi
	while IFS= read -r line; do
		[ -n "$line" ] || continue
		skipped=$((skipped + 1))
		if [ "$strict" = yes ] && ! is_allowed_skip "$line"; then
			refused=$((refused + 1))
			echo "not an excuse on this machine: $line"
			outcome=FAILED
		fi
	done < <(skips "$log")
	[ "$outcome" = passed ] || failed=yes
	table+=$(printf '%-13s %-7s %d skipped, %d of them without an excuse' "$part" "$outcome" "$skipped" "$refused")$'\n'
}

scripts/setup.sh
scripts/build.sh || failed=yes
if [ -n "$builder" ] || ! is_root; then as_builder mkdir -p "$logs"; else mkdir -p "$logs"; fi
strict=no
if can_run_bpf; then strict=yes; fi
as_root_words=''
if [ "$strict" = yes ] && { [ -n "$builder" ] || ! is_root; }; then as_root_words='sudo --'; fi
for part in "${parts[@]}"; do
	run_part "$part"
done

say '== summary'
printf '%s' "$table"
if [ "$failed" = yes ]; then
	fail 1 'not every part passed' "their full output is in $logs/"
fi
