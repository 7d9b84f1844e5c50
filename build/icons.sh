#!/bin/sh
# Draws the icon's files anew from appicon.svg: the large one for Wails and for
# packages, the one inside the Windows program, and the window's own. They are
# kept in the repository, because building needs no drawing program.
set -eu
cd "$(dirname "$0")"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for size in 16 24 32 48 64 128 256 1024; do
	rsvg-convert -w "$size" -h "$size" appicon.svg -o "$scratch/$size.png"
done
cp "$scratch/1024.png" appicon.png
cp "$scratch/256.png" ../app/icon.png
(cd "$scratch" && convert 16.png 24.png 32.png 48.png 64.png 128.png 256.png -strip icon.ico)
cp "$scratch/icon.ico" windows/icon.ico
cp "$scratch/icon.ico" ../app/icon.ico
cp windows/icon.ico ../app/icon.ico
