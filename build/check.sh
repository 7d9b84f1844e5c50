#!/usr/bin/env bash
# Checks the project, all of it, and lists at the end what failed and what was
# skipped. `make check` calls it; `make test` calls it with the word e2e, which
# adds the builds of every edition and the end-to-end suites (Go files with the
# build tag e2e, and frontend/e2e). The Makefile hands over the tools LINT and
# VULNCHECK, and the build tags WINDOW_TAGS.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

suites=${1:-}
failed=()
skipped=()

step() { # step NAME COMMAND...
	local name=$1 from=$SECONDS
	shift
	printf '\n== %s\n' "$name"
	"$@" || failed+=("$name")
	printf '   %d s\n' $((SECONDS - from))
}

formatted() {
	local bad
	bad=$(find . \( -path ./build/.tools -o -name node_modules \) -prune -o -name '*.go' -exec gofmt -l {} +) || return
	[ -z "$bad" ] || {
		printf 'gofmt would change:\n%s\n' "$bad"
		return 1
	}
}

# Only go.mod: which sums belong in go.sum depends on what a module proxy has of
# other projects' tests.
tidy() {
	local diff
	diff=$(go mod tidy -e -diff 2>/dev/null | sed -n '/^diff current.go.mod/,/^diff current.go.sum/p')
	[ -z "$diff" ] || {
		printf 'go mod tidy would change:\n%s\n' "$diff"
		return 1
	}
}

# The change log says which version is next; what systems show has to agree.
versions() {
	local next bad=0
	next=$(sed -n 's/^## \([0-9][^ ]*\).*/\1/p' CHANGELOG.md | head -n 1)
	grep -q "\"productVersion\": \"$next\"" wails.json || { bad=1 && printf 'wails.json is not about %s\n' "$next"; }
	grep -q "<release version=\"$next\"" build/linux/latchkey.metainfo.xml ||
		{ bad=1 && printf 'build/linux/latchkey.metainfo.xml does not list %s\n' "$next"; }
	return $bad
}

# The project has no domain of its own to make an identifier of.
desktop_files() {
	desktop-file-validate build/linux/latchkey.desktop &&
		appstreamcli validate --no-net --override=cid-desktopapp-is-not-rdns=info build/linux/latchkey.metainfo.xml
}

# What only the desktop edition compiles is looked at by itself.
vet() {
	go vet -tags e2e ./... && go vet -tags "${WINDOW_TAGS:?}" . ./app/... ./frontend
}

lint() {
	local bad=0
	"${LINT:?}" run || bad=1
	"$LINT" run --build-tags "${WINDOW_TAGS:?}" . ./app/... ./frontend || bad=1
	return $bad
}

# They need the machine for themselves, or work for minutes without sharing
# anything, or start a thousand programs that each do little (what those run is
# watched in its own packages), so they run after the others and without the race
# detector.
alone='^(TestTheWholeWindow|TestCodesFromTheDesktop|TestCorpus|TestScripts)$'

# SQLite, Argon2id and Blowfish take several times as long under the race
# detector, and share no memory with our goroutines. No package with generic code
# may go unwatched as they do: what it instantiates the linker shares with all
# others. SQLite's C library only is not asked whether its pointers are Go's.
unwatched=(
	-gcflags=modernc.org/sqlite/lib=-race=false
	-gcflags=golang.org/x/crypto/argon2=-race=false
	-gcflags=golang.org/x/crypto/blowfish=-race=false
	-gcflags=modernc.org/libc=-d=checkptr=0
)

# Each program that ends sleeps under the race detector, a second if it is not
# told otherwise; the tests start hundreds.
tests() {
	local tags=()
	[ -z "$suites" ] || tags=(-tags "$suites" -skip "$alone")
	GORACE=atexit_sleep_ms=20 CGO_ENABLED=1 go test -race -timeout 30m "${unwatched[@]}" "${tags[@]+"${tags[@]}"}" ./...
}

tests_alone() {
	CGO_ENABLED=1 go test -p 1 -tags "$suites" -run "$alone" ./app ./backend/companion/qr ./backend/cli
}

headless() {
	CGO_ENABLED=0 go build -trimpath -o build/bin/latchkey-headless-check . &&
		rm build/bin/latchkey-headless-check
}

# The program for Windows shows its version in Explorer, and starts without a
# terminal beside it. Not grep -q: it would leave before the other has written all.
editions() {
	make -s desktop windows || return
	strings -e l build/bin/latchkey.exe | grep -x FileDescription >/dev/null ||
		{ printf 'latchkey.exe has no version\n' && return 1; }
	objdump -p build/bin/latchkey.exe | grep 'Subsystem.*(Windows GUI)' >/dev/null ||
		{ printf 'latchkey.exe opens a terminal\n' && return 1; }
}

page_suite() {
	go build -buildvcs=false -tags dev,webkit2_41 -o build/bin/latchkey-dev . && npm --prefix frontend run e2e
}

step "gofmt" formatted
step "go.mod" tidy
step "versions" versions
step "scripts" shellcheck .ci/run build/*.sh
step "desktop files" desktop_files
step "page, build and size" make -s page
step "page, types and lint" npm --prefix frontend run check
step "page, unit tests" npm --prefix frontend test
step "go vet" vet
step "golangci-lint" lint
step "house rules" go test ./backend/internal/archtest
step "headless build" headless
if [ -n "$suites" ]; then
	step "desktop builds, for Linux and Windows" editions
fi
step "tests, with the race detector" tests
if [ -n "$suites" ]; then
	step "tests without it: window, pictures, command line" tests_alone
	step "page, end to end" page_suite
fi

if [ -n "${LATCHKEY_VULNDB:-}" ]; then
	step "govulncheck" "${VULNCHECK:?}" -db "file://$(cd "$LATCHKEY_VULNDB" && pwd)" ./...
else
	skipped+=("govulncheck: set LATCHKEY_VULNDB to a folder with a vulnerability database to run it")
fi
[ -n "$suites" ] || skipped+=("the builds of other editions and the end-to-end suites: make test runs them")

printf '\n'
for what in "${skipped[@]+"${skipped[@]}"}"; do printf 'skipped: %s\n' "$what"; done
for what in "${failed[@]+"${failed[@]}"}"; do printf 'FAILED: %s\n' "$what"; done
[ ${#failed[@]} -eq 0 ] && printf 'all checks passed\n'
