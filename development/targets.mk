# The scripts behind the figures of docs/. Included by the Makefile; HR is a folder of photographs.

DEVELOPMENT = $(VENV)/bin/python -m development
DEVELOPMENT_LIMIT := $(if $(LIMIT),--limit $(LIMIT))

.PHONY: everyday-filter spectrum-figures kernel-figures inverse-figures factor-tables calibration-figures doubt-figures filter-figures reached-tables content-prior with-photographs network

with-photographs: bench-ready
	@test -n "$(HR)" || { echo "usage: make TARGET HR=PHOTOGRAPHS [LIMIT=6]" >&2; exit 2; }

spectrum-figures: bench-ready ## the pictures of docs/how.md, from a photograph of scikit-image
	$(DEVELOPMENT).spectra --out docs/images

kernel-figures: with-photographs ## how near each way to the kernel comes, on HR [SCALES=4] (docs/kernel-aware.md, 1)
	$(DEVELOPMENT).kernels $(HR) --scale $(firstword $(SCALES)) $(DEVELOPMENT_LIMIT)

inverse-figures: with-photographs ## what the network's start is worth, on HR (docs/kernel-aware.md, 2)
	$(DEVELOPMENT).inverse $(HR) $(DEVELOPMENT_LIMIT)

factor-tables: bench-ready ## what each factor of KernelGAN does, from docs/data (docs/kernelgan.md)
	$(DEVELOPMENT).factors

calibration-figures: with-photographs ## are the kernel's stated errors right, on the folders HR (docs/kernel-aware.md, 1)
	$(DEVELOPMENT).calibration $(HR) --out docs/images/calibration.png $(DEVELOPMENT_LIMIT)

doubt-figures: with-photographs ## what holding the adaptive inverse back gains or costs, on HR (docs/kernel-aware.md, 2)
	$(DEVELOPMENT).doubt $(HR) $(DEVELOPMENT_LIMIT)

filter-figures: with-photographs ## what is gained on LR that programs' own filters made of HR [SCALES=4] (docs/everyday.md)
	$(DEVELOPMENT).filters $(HR) --scale $(firstword $(SCALES)) $(DEVELOPMENT_LIMIT)

reached-tables: bench-ready ## what the program reaches, from benchmarks/results (README and docs/)
	$(DEVELOPMENT).reached

content-prior: with-photographs ## learn from HR what photographs look like, beside the numbers in use
	$(DEVELOPMENT).content_prior $(HR) $(DEVELOPMENT_LIMIT)

everyday-filter: with-photographs ## learn again what everyday pictures need, from HR and real pairs PAIRS="SET SET" [CACHE=folder] (docs/everyday.md)
	for scale in 2 4; do $(DEVELOPMENT).everyday_filter $(HR) $(addprefix --pairs ,$(PAIRS)) --scale $$scale \
		--cache $(or $(CACHE),build/everyday) || exit; done

KIND ?= kernel

network: with-photographs ## train a second stage on HR: KIND=kernel|everyday [PAIRS="sets"] [ARGS="--minutes 60"]; goes on where it stopped
	$(DEVELOPMENT).train_network $(HR) --kind $(KIND) --scale $(firstword $(SCALES)) --out $(OUT)/network-$(KIND) $(addprefix --pairs ,$(PAIRS)) $(ARGS)
