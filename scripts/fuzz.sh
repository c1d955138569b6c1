#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (10s each). Go takes one at a time.
set -euo pipefail
cd "$(dirname "$0")/.."

count=0
while IFS=: read -r file func; do
	name=${func#func }
	name=${name%%(*}
	echo "== ${file%/*} $name"
	go test -run='^$' -fuzz="^$name\$" -fuzztime="${FUZZTIME:-10s}" "./${file%/*}"
	count=$((count + 1))
done < <(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*\(' cmd internal | sort)
echo "$count fuzz targets, ${FUZZTIME:-10s} each: nothing found"
