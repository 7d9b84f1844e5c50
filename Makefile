# Latchkey's commands. `make` alone lists them.

LINT_VERSION      := v2.15.0
VULNCHECK_VERSION := v1.8.0

# Tools of this project only, pinned; git ignores the folder.
TOOLS     := $(CURDIR)/build/.tools
LINT      := $(TOOLS)/golangci-lint-$(LINT_VERSION)
VULNCHECK := $(TOOLS)/govulncheck-$(VULNCHECK_VERSION)
BINARY    := build/bin/latchkey

# setup.sh keeps a Go release here where the system's is too old.
export PATH := $(TOOLS)/go/bin:$(PATH)
export LINT VULNCHECK

.DEFAULT_GOAL := help
.PHONY: run test check bench build help setup-run setup-test

run: build ## start the server; ARGS="--lan" and the like are passed on
	exec $(BINARY) serve $(ARGS)

test: setup-test $(LINT) ## check everything, with the end-to-end suites
	build/check.sh e2e

check: setup-test $(LINT) ## format, linters, rules of the house, tests with the race detector
	build/check.sh

bench: setup-test ## measure; each figure is a ratio taken in one run
	go test -tags e2e -run '^$$' -bench . -timeout 60m $$(grep -rl --include='*_test.go' '^func Benchmark' backend | sed 's,[^/]*$$,,; s,^,./,' | sort -u)

build: setup-run ## make the program, without a window: build/bin/latchkey
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -o $(BINARY) \
		-ldflags "-s -w -X main.version=$$(build/version.sh)" .

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 14

setup-run:
	@build/setup.sh run

setup-test:
	@build/setup.sh test

ifdef LATCHKEY_VULNDB
check test: $(VULNCHECK)
endif

# Order-only: the tools need a Go to be built with, but not again at each run.
$(LINT): | setup-test
	build/tool.sh $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

$(VULNCHECK): | setup-test
	build/tool.sh $@ golang.org/x/vuln/cmd/govulncheck@$(VULNCHECK_VERSION)
