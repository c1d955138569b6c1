#!/usr/bin/env bash
# Builds bin/clew: static, without paths of the machine it was built on.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p bin
CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/clew ./cmd/clew
ls -l bin/clew | awk '{ printf "%s  %.1f MB\n", $NF, $5 / 1e6 }'
