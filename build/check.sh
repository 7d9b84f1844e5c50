#!/usr/bin/env bash
# Checks the project, all of it, and lists at the end what failed and what was
# skipped. `make check` calls it; `make test` calls it with the word e2e, which
# adds the end-to-end suites (Go files with the build tag e2e). The Makefile names
# the tools in LINT and VULNCHECK.
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
	bad=$(find . -path ./build/.tools -prune -o -name '*.go' -exec gofmt -l {} +) || return
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

tests() {
	local tags=()
	[ -z "$suites" ] || tags=(-tags "$suites")
	CGO_ENABLED=1 go test -race -timeout 15m "${tags[@]+"${tags[@]}"}" ./...
}

headless() {
	CGO_ENABLED=0 go build -trimpath -o build/bin/latchkey-headless-check . &&
		rm build/bin/latchkey-headless-check
}

step "gofmt" formatted
step "go.mod" tidy
step "scripts" shellcheck .ci/run build/*.sh
step "go vet" go vet -tags e2e ./...
step "golangci-lint" "${LINT:?}" run
step "house rules" go test ./backend/internal/archtest
step "headless build" headless
step "tests, with the race detector" tests

if [ -n "${LATCHKEY_VULNDB:-}" ]; then
	step "govulncheck" "${VULNCHECK:?}" -db "file://$(cd "$LATCHKEY_VULNDB" && pwd)" ./...
else
	skipped+=("govulncheck: set LATCHKEY_VULNDB to a folder with a vulnerability database to run it")
fi
[ -n "$suites" ] || skipped+=("the end-to-end suites: make test runs them")

printf '\n'
for what in "${skipped[@]+"${skipped[@]}"}"; do printf 'skipped: %s\n' "$what"; done
for what in "${failed[@]+"${failed[@]}"}"; do printf 'FAILED: %s\n' "$what"; done
[ ${#failed[@]} -eq 0 ] && printf 'all checks passed\n'
