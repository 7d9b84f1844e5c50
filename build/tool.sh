#!/bin/sh
# Builds a Go tool into a file of its own: build/tool.sh FILE PACKAGE@VERSION.
# The version is part of the file's name, so a file that is there is the right one.
set -eu

printf 'setup: building %s, once; this takes a few minutes\n' "$2" >&2
mkdir -p "$(dirname "$1")"
scratch=$(mktemp -d "$(dirname "$1")/build.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
GOBIN=$scratch GOFLAGS='' go install "$2"
mv "$scratch"/* "$1"
