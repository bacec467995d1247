# The commands of this project. Meson and Ninja do the building (a folder of build/ for each build type); tools/ holds what is long.
.DEFAULT_GOAL := help
.PHONY: help deps deps-run deps-test deps-bench deps-lint build run demo sample test e2e check lint bench eval fuzz tsan bundle rehearse clean install

PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
BENCH_ARGS ?=
BUNDLE_CONF ?= deploy/elasticbeanstalk/bundle.conf
EVAL ?= rules
BUNDLE ?= build/app.zip
REHEARSE_ARGS ?= --interval 1
EVAL_ARGS ?= --details

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

deps: ## install the Debian packages that are missing, for everything here
	@tools/deps.sh run test lint

deps-run: ## only those that building and running need
	@tools/deps.sh run

deps-test: ## those, and what the tests need
	@tools/deps.sh run test

deps-bench:
	@tools/deps.sh run test bench

deps-lint:
	@tools/deps.sh run test lint

build: ## build/prism, optimized and hardened
	@tools/build.sh release -Dprefix=$(PREFIX)
	@ln -sfn release/src/prism build/prism

run: deps-run build ## serve on http://127.0.0.1:8000 until Ctrl-C; settings are environment variables (docs/configuration.md)
	@exec build/prism serve

demo: deps-run build ## the same with a model that is none, to see how one would look; says so
	@tools/run-demo.sh

sample: deps-run build ## review the sample report and say where the results lie
	@tools/run-sample.sh

screenshots: deps-test build ## pictures of the page, wide and narrow, light and dark, into docs/screenshots
	@tests/e2e/screenshots.sh build/prism build/release/tools/report.docx docs/screenshots

test: deps-test ## check, then every test under AddressSanitizer and UBSan, and a clang build
	@tools/test.sh

e2e: deps-test ## of these, the page in Chromium alone
	@tools/build.sh asan
	@meson test -C build/asan --no-rebuild --suite e2e --print-errorlogs

check: ## formatting, include directions and the other quick rules of the code (seconds)
	@tools/check.sh

lint: deps-lint ## clang-format, clang-tidy and cppcheck
	@tools/lint.sh

bench: deps-bench build ## our times beside the peers', in one run
	@bench/run.sh $(BENCH_ARGS)

eval: deps-run build ## recall and precision on documents with known defects: of the rules, or with EVAL=model of the configured model
	@tests/eval/evaluate.py $(EVAL) build/prism $(EVAL_ARGS)

fuzz: deps-test ## every fuzz target for FUZZ_SECONDS (60)
	@tools/fuzz.sh $(FUZZ_SECONDS)

tsan: deps-test ## the unit tests, and those of the server, under ThreadSanitizer
	@tools/build.sh tsan
	@meson test -C build/tsan --no-rebuild --suite unit
	@TEST_KILLS=20 meson test -C build/tsan --no-rebuild integration/api integration/kept

bundle: deps-run build ## BUNDLE (build/app.zip) for AWS Elastic Beanstalk, of BUNDLE_CONF (deploy/elasticbeanstalk/bundle.conf)
	@build/prism bundle --conf $(BUNDLE_CONF) -o $(BUNDLE)

rehearse: bundle ## rehearse the deployment of that bundle on this machine; REHEARSE_ARGS: deploy/elasticbeanstalk/rehearse --help
	@tools/deps.sh rehearse
	@deploy/elasticbeanstalk/rehearse $(BUNDLE) $(REHEARSE_ARGS)

install: build ## the program and its manual page, under PREFIX (/usr/local) and DESTDIR
	@meson install -C build/release --no-rebuild

clean: ## remove everything that was built
	rm -rf build
