#!/bin/sh
# Prints the version to build: what the newest tag says about the checkout, or,
# outside a clone or without a tag, the newest version in the change log.
set -eu
cd "$(dirname "$0")/.."

if described=$(git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null); then
	printf '%s\n' "${described#v}"
	exit
fi
released=$(sed -n 's/^## \([0-9][^ ]*\).*/\1/p' CHANGELOG.md | head -n 1)
if commit=$(git rev-parse --short HEAD 2>/dev/null); then
	printf '%s-dev+%s\n' "$released" "$commit"
else
	printf '%s-dev\n' "$released"
fi
