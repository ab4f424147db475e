# The single door: each verb delegates to one script. `make help` lists them.
#
#   V=1           loud builds and package tools
#   DURATION=2    seconds of one trial of the comparison
#   BLOCKS=8      blocks of it: how often each implementation is measured
#   RUN=results/… the run that `make report` shows; the newest
#   KERNEL=6.1    kernel of `make verify-vm`: 5.10, 6.1, 6.12, or sid for the newest
#   ARGS=...      further options of `orchestrator compare`, such as ARGS='--questions latency'
#
# ARGS, RUN and KERNEL are taken from the command line alone, for a variable of that name may mean something else.

V ?= 0
DURATION ?= 2
BLOCKS ?= 8
KERNEL = 6.1
ARGS =
RUN = $(lastword $(sort $(wildcard results/[0-9]*)))
export V

ifeq ($(V),1)
Q :=
else
Q := @
endif

# What ARGS say themselves is not said twice; a precision or a time to keep to decides how many blocks there are.
COMPARE = $(if $(findstring --duration,$(ARGS)),,--duration $(DURATION)) \
	$(if $(strip $(foreach word,--blocks --precision --max-time,$(findstring $(word),$(ARGS)))),,--blocks $(BLOCKS)) $(ARGS)

SCENARIOS = capacity,throughput,latency,overhead,drop_curve,scalability,complexity,memory_usage,starvation,start_up,cost

.DEFAULT_GOAL := help
.NOTPARALLEL:

.PHONY: help
help: ## list the verbs
	$(Q)grep -hE '^[a-z-]+:.* ## ' $(MAKEFILE_LIST) | awk -F ':.* ## ' '{ printf "  make %-20s %s\n", $$1, $$2 }'

.PHONY: setup
setup: ## get what building and measuring needs; finds what is there
	$(Q)scripts/setup.sh

.PHONY: build
build: ## build the orchestrator and every implementation
	$(Q)scripts/build.sh

.PHONY: test
test: ## set up, build, and pass every test, those that need root too
	$(Q)scripts/test.sh

.PHONY: benchmark
benchmark: ## set up, build, measure every implementation, print the table, save the result
	$(Q)scripts/benchmark.sh $(COMPARE)

.PHONY: benchmark-c
benchmark-c: ## the same for libbpf from C alone
	$(Q)scripts/benchmark.sh c $(COMPARE)

.PHONY: benchmark-go
benchmark-go: ## the same for ebpf-go alone
	$(Q)scripts/benchmark.sh go $(COMPARE)

.PHONY: benchmark-golang
benchmark-golang: benchmark-go ## another name of benchmark-go

.PHONY: benchmark-python
benchmark-python: ## the same for BCC alone
	$(Q)scripts/benchmark.sh python $(COMPARE)

.PHONY: benchmark-rust
benchmark-rust: ## the same for Aya alone
	$(Q)scripts/benchmark.sh rust $(COMPARE)

.PHONY: benchmark-libbpf-rs
benchmark-libbpf-rs: ## the same for libbpf-rs alone
	$(Q)scripts/benchmark.sh libbpf-rs $(COMPARE)

.PHONY: scenarios
scenarios: ## every question of every implementation, in at most 40 minutes; `build/orchestrator resume` goes on with it
	$(Q)scripts/benchmark.sh --questions $(SCENARIOS) --blocks 5 --duration 1 $(ARGS)

.PHONY: bench
bench: ## measure the runners and the orchestrator against bare loops
	$(Q)scripts/bench.sh

.PHONY: bench-slowed
bench-slowed: ## show that a known difference is found, and how large it is
	$(Q)scripts/bench/slowed.sh

.PHONY: verify
verify: ## conformance: exact counts from every implementation
	$(Q)scripts/orchestrator.sh verify

.PHONY: verify-vm
verify-vm: ## conformance under another kernel, in an emulated machine
	$(Q)scripts/vm/verify.sh $(KERNEL)

.PHONY: report
report: ## show the newest result again, or RUN=results/...
	$(Q)scripts/orchestrator.sh report $(RUN)

.PHONY: lint
lint: ## check the sources of every language, change nothing
	$(Q)scripts/lint.sh

.PHONY: fmt
fmt: ## format the sources of every language
	$(Q)scripts/fmt.sh

.PHONY: check
check: lint test ## what CI runs: lint, then test

.PHONY: clean
clean: ## remove what was built; results stay
	$(Q)scripts/clean.sh
