# SPDX-License-Identifier: Apache-2.0
# `make` alone prints the targets.

PYTHON ?= python3
VENV   := .venv
BIN    := $(CURDIR)/$(VENV)/bin
READY  := $(VENV)/.ready
PNR    := $(VENV)/.pnr
# Two processes at a time: a simulation each.
JOBS   ?= 2
NET    ?= cnv

export PATH := $(BIN):$(PATH)

# What `make run`, `make system` and `make project` take as words of make, and what the first two do.
ASKED = $(if $(FOLDING),--folding "$(FOLDING)") $(addprefix --fps ,$(FPS)) $(addprefix --clock ,$(CLOCK)) \
        $(if $(PARAMETERS),--parameters "$(PARAMETERS)") $(if $(CLASSES),--classes "$(CLASSES)")
SHOWN = $(if $(IMAGES),--images "$(IMAGES)") $(addprefix --count ,$(COUNT)) $(addprefix --resize ,$(RESIZE)) \
        $(addprefix --background ,$(BACKGROUND)) $(if $(INVERT),--invert) $(if $(QUIET),--quiet)

# In a recipe: stops, and says what to add, where no core is named.
CORES      = $(patsubst gen/finn_gen/ip/%/params.py,%,$(sort $(wildcard gen/finn_gen/ip/*/params.py)))
NEEDS_CORE = $(if $(CORE),,$(error make $@: add CORE=NAME, one of $(CORES), for example make $@ CORE=dwc))

.DEFAULT_GOAL := help
.PHONY: help setup run system lock test test-all lint formal fuzz mutants format synth timing levels project zc706 bitstream bench bench-beyond bench-golden bench-mvtu bench-windows bench-workers bench-plan bench-resources bench-timing docs site dist clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with all tools, pinned (every target below calls it)

$(READY): requirements/dev.txt tools/setup.py pyproject.toml verif/pyproject.toml driver/pyproject.toml
	@$(PYTHON) tools/setup.py

run: $(READY) ## classify pictures in a simulated accelerator: [NET=cnv] [FOLDING=paper, max, fix, modest or a file, or FPS=RATE] [CLOCK=MHZ] [IMAGES=PATH] [COUNT=N] [TOOL=icarus] [JOBS=2] [PARAMETERS=PATH] [CLASSES=FILE] [RESIZE=thumbnail] [BACKGROUND=black] [INVERT=1] [WAVES=1] [REPORT=1] [QUIET=1 or VERBOSE=1]
	@$(BIN)/python -m tools.run "$(NET)" $(ASKED) $(SHOWN) $(if $(VERBOSE),--verbose) $(addprefix --tool ,$(TOOL)) --jobs $(JOBS)

system: $(READY) ## classify pictures with the driver in a simulated system with memory: [as make run] [ARGS="--latency 60"]
	@$(BIN)/python -m tools.system "$(NET)" $(ASKED) $(SHOWN) $(ARGS)

lock: $(READY) ## pin requirements/*.in anew, with hashes, in requirements/*.txt
	$(BIN)/python -m tools.lock

test: $(READY) ## run the tests, on Icarus and Verilator (SIM=icarus or verilator: one only; SEED= repeats a run)
	$(BIN)/pytest -n $(JOBS) -m "not lengthy" --junitxml=build/results/junit.xml $(ARGS)

test-all: $(READY) ## run all tests, those that take half a minute or more too
	$(BIN)/pytest -n $(JOBS) --junitxml=build/results/junit.xml $(ARGS)

lint: $(READY) ## check style and structure: Python, Verilog, templates, cores
	$(BIN)/python -m tools.lint

formal: $(READY) ## prove the cores with their properties (ONLY="fifo-srl" some of them)
	@$(BIN)/python -m tools.formal --jobs $(JOBS) "$(ONLY)"

fuzz: $(READY) ## try random networks in RTL against the reference: [COUNT=20] [SEED=1]
	@$(BIN)/python -m tools.fuzz --jobs $(JOBS) $(addprefix --count ,$(COUNT)) $(addprefix --seed ,$(SEED))

mutants: $(READY) ## plant faults in a core, print what its tests miss: CORE=dwc [COUNT=200] [POINT=up] [SEED=1]
	@$(NEEDS_CORE)$(BIN)/python -m tools.mutants $(CORE) --jobs $(JOBS) $(addprefix --count ,$(COUNT)) $(addprefix --point ,$(POINT)) $(addprefix --seed ,$(SEED))

synth: $(READY) ## print the size of a core on xc7: CORE=dwc [SET="in_width=32 out_width=8"]
	@$(NEEDS_CORE)$(BIN)/python -m tools.synth $(CORE) $(SET)

timing: $(READY) ## print the clock that a core allows on 7-series, by a model, and its longest path: CORE=dwc [SET="in_width=32 out_width=8"]
	@$(NEEDS_CORE)$(BIN)/python -m tools.timing $(CORE) $(SET)

levels: $(READY) ## hold LUT levels, carry chains, fan-out of the cores on xc7 and ECP5 within the budgets in ip/*/timing.yaml: [CORE=dwc] [ARGS=--write, or --loosen]
	@$(BIN)/python -m tools.timing.levels $(CORE) --jobs $(JOBS) $(ARGS)

project: $(READY) ## write the Vivado project of a network on a board to build/BOARD/NET: [NET=cnv] [BOARD=zc706, another of fpga/, or a folder] [FOLDING=paper] [ARGS="--reload"]
	@$(BIN)/python -m tools.project "$(NET)" $(if $(BOARD),--board "$(BOARD)") $(ASKED) $(ARGS)

zc706: BOARD := zc706
zc706: project ## the same for the ZC706

bitstream: $(PNR) ## build a bitstream by open tools alone, to build/BOARD/NET: [NET=sfc] [BOARD=ulx3s, or a folder] [FOLDING=fix or FPS=RATE] [CLOCK=MHZ] [ARGS="--seed 2"]
	@$(BIN)/python -m tools.bitstream "$(if $(filter file,$(origin NET)),sfc,$(NET))" $(if $(BOARD),--board "$(BOARD)") $(ASKED) $(ARGS)

bench: $(READY) ## measure the accelerators: interval, latency, size beside the paper's, then bench-beyond and bench-golden (ARGS="--only cnv-paper": these alone)
	@$(BIN)/python -m tools.bench.accelerators $(ARGS)
	@$(if $(ARGS),,$(BIN)/python -m tools.bench.beyond)
	@$(if $(ARGS),,$(BIN)/python -m tools.bench.golden --jobs $(JOBS))

bench-beyond: $(READY) ## simulate the fastest foldings: SFC at an image a cycle, LFC at 32 cycles, CNV at 1,024 (ARGS="--only sfc")
	@$(BIN)/python -m tools.bench.beyond $(ARGS)

bench-golden: $(READY) ## put MNIST's and CIFAR-10's test images through LFC and CNV with BNN-PYNQ's parameters (ARGS="--only lfc --count 100")
	@$(BIN)/python -m tools.bench.golden --jobs $(JOBS) $(ARGS)

bench-mvtu: $(READY) ## print LC an op of matrix-vector units beside published ones, and their simulation speed
	@$(BIN)/python -m tools.bench.mvtu
	@$(BIN)/python -m tools.bench.mvtu_speed

bench-windows: $(READY) ## measure the sliding windows of CNV: size, buffer, cycles, beside FINN's
	@$(BIN)/python -m tools.bench.windows

bench-workers: $(READY) ## measure what Dask costs a piece, print by simulation what 10 to 1,000 workers gain (ARGS="--image 0.013 --reference 0.009 --build 40 --point 20", seconds)
	@$(BIN)/python -m tools.bench.workers $(ARGS)

bench-plan: $(READY) ## print what planning large and odd networks takes (ARGS="--only cnv")
	@$(BIN)/python -m tools.bench.planning $(ARGS)

bench-resources: $(READY) ## print estimated sizes of cores and networks beside Yosys' (ARGS="--only small", "--only whole", "--estimate")
	@$(BIN)/python -m tools.bench.resources $(ARGS)

# nextpnr is 30 MB that only place and route need.
$(PNR): requirements/pnr.txt $(READY)
	@$(BIN)/pip install --quiet --require-hashes -r requirements/pnr.txt
	@touch $@

bench-timing: $(PNR) ## place and route cores and networks on an ECP5, print clocks, sizes and critical paths beside the model of 7-series (ARGS="--only label --seeds 1")
	@$(BIN)/python -m tools.bench.timing $(ARGS)

docs: $(READY) ## rewrite the generated tables of the pages: parameters, measured sizes
	@$(BIN)/python -m tools.docs

format: $(READY) ## format the Python code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

SITE = .venv-site
$(SITE)/.ready: requirements/site.txt
	@echo "site: installing MkDocs to $(SITE)"
	@$(BIN)/python -m venv $(SITE) && touch $(SITE)/FUSESOC_IGNORE
	@$(SITE)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

site: $(READY) $(SITE)/.ready ## build the pages as a site, with timing diagrams and reference, to build/site/html
	@$(BIN)/python -m tools.site --mkdocs $(SITE)/bin/mkdocs

dist: $(READY) ## build wheels and the source archive of the last commit, to dist/
	@$(BIN)/python -m tools.dist

clean: ## delete what was built (not .venv)
	rm -rf build dist && mkdir build && touch build/FUSESOC_IGNORE
