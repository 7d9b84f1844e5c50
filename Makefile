# Latchkey's commands. `make` alone lists them.

LINT_VERSION      := v2.15.0
VULNCHECK_VERSION := v1.8.0
WAILS_VERSION     := $(shell sed -n 's,.*wailsapp/wails/v2 \(v[^ ]*\).*,\1,p' go.mod)

# Tools of this project only, pinned; git ignores the folder.
TOOLS     := $(CURDIR)/build/.tools
LINT      := $(TOOLS)/golangci-lint-$(LINT_VERSION)
VULNCHECK := $(TOOLS)/govulncheck-$(VULNCHECK_VERSION)
WAILS     := $(TOOLS)/wails-$(WAILS_VERSION)

# setup.sh keeps a Go and a Node release here where the system's are too old.
export PATH := $(TOOLS)/go/bin:$(TOOLS)/node/bin:$(PATH)

# The desktop edition has the window, and takes WebKitGTK and Node to build; the
# headless one is a static file without. Where there is no display, nobody needs
# the window. EDITION=headless or EDITION=desktop decides otherwise.
display := $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname -s))
EDITION := $(if $(display),desktop,headless)

BINARY := build/bin/latchkey
LINKED  = -s -w -X main.version=$$(build/version.sh)
BUILD   = go build -trimpath -buildvcs=false -ldflags "$(LINKED)"

# What `wails build` sets for the window, and which WebKitGTK: 4.0 is gone from
# newer systems.
WINDOW_TAGS := desktop,production,webkit2_41

export LINT VULNCHECK WINDOW_TAGS

.DEFAULT_GOAL := help
.PHONY: run test check bench build desktop headless windows page bindings help setup-headless setup-desktop setup-test

run: build ## open the window, or start the server where there is no display; ARGS="--lan" and the like are passed on
ifeq ($(EDITION),headless)
	@echo 'This starts the server without the window$(if $(display),,: there is no display here).'
	exec $(BINARY) serve $(ARGS)
else
	exec $(BINARY) $(ARGS)
endif

test: setup-test $(LINT) $(WAILS) ## check everything, with the end-to-end suites
	build/check.sh e2e

check: setup-test $(LINT) ## format, linters, rules of the house, unit tests, with the race detector
	build/check.sh

bench: setup-test page ## measure; each figure is a ratio taken in one run
	go test -tags e2e -run '^$$' -bench . -timeout 60m $$(grep -rl --include='*_test.go' '^func Benchmark' backend app | sed 's,[^/]*$$,,; s,^,./,' | sort -u)

build: $(EDITION) ## make build/bin/latchkey: the desktop edition where there is a display, else the headless one

desktop: page ## make the desktop edition: build/bin/latchkey
	$(BUILD) -tags $(WINDOW_TAGS) -o $(BINARY) .

headless: setup-headless ## make the headless edition, a static file: build/bin/latchkey
	CGO_ENABLED=0 $(BUILD) -o $(BINARY) .

windows: page $(WAILS) ## make the desktop edition for Windows: build/bin/latchkey.exe
	$(WAILS) build -platform windows/amd64 -s -m -skipbindings -nosyncgomod -trimpath -nocolour \
		-ldflags "-X main.version=$$(build/version.sh)"

page: bindings frontend/node_modules/.package-lock.json ## make the window's page: frontend/dist
	npm --prefix frontend run build

# What the page can call, in TypeScript: frontend/wailsjs. The program writes it
# itself when it is built for that.
bindings: setup-desktop
	go build -buildvcs=false -tags bindings -o build/bin/bindings .
	tsoutputtype=interfaces build/bin/bindings >/dev/null

frontend/node_modules/.package-lock.json: frontend/package-lock.json | setup-desktop
	npm --prefix frontend ci --no-audit --no-fund

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 14

setup-headless setup-desktop setup-test: setup-%:
	@build/setup.sh $*

ifdef LATCHKEY_VULNDB
check test: $(VULNCHECK)
endif

# Order-only: the tools need a Go to be built with, but not again at each run.
$(LINT): | setup-test
	build/tool.sh $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

$(VULNCHECK): | setup-test
	build/tool.sh $@ golang.org/x/vuln/cmd/govulncheck@$(VULNCHECK_VERSION)

$(WAILS): | setup-desktop
	build/tool.sh $@ github.com/wailsapp/wails/v2/cmd/wails@$(WAILS_VERSION)
