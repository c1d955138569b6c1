#!/usr/bin/env bash
# Format, linters, vet, modules. All run, so that one look shows all that is wrong.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=0
check() { # check WHAT-TO-DO COMMAND…
	local advice=$1
	shift
	"$@" || { echo "lint: $advice" >&2; failed=1; }
}
check "not in the house's format; run: make fmt" .cache/bin/golangci-lint fmt --diff ./...
check "mend what the linters say, or explain it in .golangci.yml" .cache/bin/golangci-lint run ./...
check "mend what vet says" go vet ./...
check "a module in the cache is not what go.sum says" go mod verify >/dev/null
exit "$failed"
