# shellcheck shell=sh disable=SC2034 # others read these
# What this project is built with, by exact version: nothing here moves by itself. `make setup` gets these into build/tools,
# beside whatever the user has. Sourced by setup.sh and scripts/toolchain.

# For user space and for the Aya programs in the kernel. Its LLVM and that of bpf-linker are one major version: bpf-linker
# reads what rustc's LLVM wrote, and an older LLVM does not read what a newer one wrote.
rust_pinned=1.95.0
bpf_linker_pinned=0.13.0
bpf_linker_llvm=22

# Only where there is no rustup.
rustup_pinned=1.28.2
rustup_sha256_x86_64=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c
rustup_sha256_aarch64=e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c

# Their scripts read one of the exports in the tests: the form changed between the two.
hyperfine_pinned='1.20.0 2.0.0'

# Looks for what is wrong with a page for those who read it otherwise, in the tests.
axe_pinned=4.14.1

# As impls/go/go.mod has it. Any Go from 1.21 on fetches it.
go_pinned=1.26.8
