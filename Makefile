# SPDX-License-Identifier: Apache-2.0
# `make` alone prints the targets.

PYTHON ?= python3
VENV   := .venv
BIN    := $(CURDIR)/$(VENV)/bin
READY  := $(VENV)/.ready
# Two processes at a time: a simulation each.
JOBS   ?= 2
NET    ?= cnv

export PATH := $(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup run system lock test lint formal mutants format synth project zc706 bench bench-golden bench-mvtu bench-windows bench-resources docs clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with all tools, pinned (every target below calls it)

$(READY): requirements/dev.txt tools/setup.py pyproject.toml verif/pyproject.toml driver/pyproject.toml
	@$(PYTHON) tools/setup.py

run: $(READY) ## classify pictures in a simulated accelerator: [NET=cnv] [FOLDING=paper, max, fix, modest or a file, or FPS=RATE] [CLOCK=MHZ] [IMAGES=PATH] [COUNT=N] [TOOL=icarus] [PARAMETERS=PATH]
	@$(BIN)/python -m tools.run $(NET) $(if $(FOLDING),--folding "$(FOLDING)") $(addprefix --fps ,$(FPS)) $(addprefix --clock ,$(CLOCK)) $(if $(PARAMETERS),--parameters "$(PARAMETERS)") $(if $(IMAGES),--images "$(IMAGES)") $(addprefix --count ,$(COUNT)) $(addprefix --tool ,$(TOOL))

system: $(READY) ## classify pictures with the driver in a simulated system with memory: [NET=cnv] [ARGS="--count 8 --folding fix"]
	@$(BIN)/python -m tools.system $(NET) $(ARGS)

lock: $(READY) ## pin requirements/*.in anew, with hashes, in requirements/*.txt
	$(BIN)/python -m tools.lock

test: $(READY) ## run all tests, on Icarus and Verilator (SIM=icarus or verilator: one only; SEED= repeats a run)
	$(BIN)/pytest -n $(JOBS) --junitxml=build/results/junit.xml $(ARGS)

lint: $(READY) ## check style and structure: Python, Verilog, templates, cores
	$(BIN)/python -m tools.lint

formal: $(READY) ## prove the cores with their properties (ONLY="fifo-srl" some of them)
	@$(BIN)/python -m tools.formal --jobs $(JOBS) "$(ONLY)"

mutants: $(READY) ## plant faults in a core, print what its tests miss: CORE=dwc [COUNT=200] [POINT=up] [SEED=1]
	@$(BIN)/python -m tools.mutants $(CORE) --jobs $(JOBS) $(addprefix --count ,$(COUNT)) $(addprefix --point ,$(POINT)) $(addprefix --seed ,$(SEED))

synth: $(READY) ## print the size of a core on xc7: CORE=dwc [SET="in_width=32 out_width=8"]
	@$(BIN)/python -m tools.synth $(CORE) $(SET)

project: $(READY) ## write the Vivado project of a network on a board to build/BOARD/NET: [NET=cnv] [BOARD=zc706, or a folder] [FOLDING=paper] [ARGS="--clock 150 --reload"]
	@$(BIN)/python -m tools.project $(NET) $(if $(BOARD),--board "$(BOARD)") $(if $(FOLDING),--folding "$(FOLDING)") $(if $(PARAMETERS),--parameters "$(PARAMETERS)") $(ARGS)

zc706: BOARD := zc706
zc706: project ## the same for the ZC706

bench: $(READY) ## measure the accelerators: interval, latency, size beside the paper's, then bench-golden (ARGS="--only cnv-paper": these alone)
	@$(BIN)/python -m tools.bench.accelerators $(ARGS)
	@$(if $(ARGS),,$(BIN)/python -m tools.bench.golden)

bench-golden: $(READY) ## put MNIST's and CIFAR-10's test images through LFC and CNV with BNN-PYNQ's parameters (ARGS="--only lfc --count 100")
	@$(BIN)/python -m tools.bench.golden $(ARGS)

bench-mvtu: $(READY) ## print LC an op of matrix-vector units beside published ones, and their simulation speed
	@$(BIN)/python -m tools.bench.mvtu
	@$(BIN)/python -m tools.bench.mvtu_speed

bench-windows: $(READY) ## measure the sliding windows of CNV: size, buffer, cycles, beside FINN's
	@$(BIN)/python -m tools.bench.windows

bench-resources: $(READY) ## print estimated sizes of cores and networks beside Yosys' (ARGS="--only small", "--estimate")
	@$(BIN)/python -m tools.bench.resources $(ARGS)

docs: $(READY) ## rewrite the generated tables of the pages: parameters, measured sizes
	@$(BIN)/python -m tools.docs

format: $(READY) ## format the Python code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## delete what was built (not .venv)
	rm -rf build && mkdir build && touch build/FUSESOC_IGNORE
