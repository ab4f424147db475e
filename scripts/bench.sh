#!/bin/sh
# Measures this project itself: every runner against the bare loop of its framework, C against a walk of the ring without a
# library, the supervisor against no supervisor, the load generator against a bare C loop. Five interleaved rounds, medians; every
# limit is a ratio, so that it holds on any machine.
#
#   scripts/bench.sh [--rounds N] [--seconds N]
#
#   --rounds N    default 5; three times as many where a limit is broken after them
#   --seconds N   of one measurement, default 3
#
# Needs root and a quiet machine. Exit status: 0 every limit is kept, 1 one is not, 64 bad option.
set -eu
self=$(readlink -f -- "$0")
cd -- "${self%/*}/.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh

for argument in "$@"; do
	case $argument in
	-h | --help)
		print_help
		exit 0
		;;
	esac
done

scripts/build.sh
as_builder mkdir -p build/bench
# With what the runner of libbpf-rs is built with.
tool cargo build --release --locked --quiet --target-dir target --config 'profile.release.lto="thin"' --package bare-loops
tool cargo build --release --locked --quiet --manifest-path impls/rust/Cargo.toml --target-dir impls/rust/target --package bare-loop
tool go -C impls/go build -trimpath -buildvcs=false -o ../../build/bench/bare-go ./cmd/bare_loop
as_builder cc -O2 -Wall -Wextra -Werror -o build/bench/bare_load scripts/bench/loops/bare_load.c
for loop in target/release/bare-c target/release/bare-libbpf-rs target/release/bare-raw impls/rust/target/release/bare-aya; do
	as_builder cp "$loop" build/bench/
done
exec /usr/bin/python3 scripts/bench/bench.py "$@"
