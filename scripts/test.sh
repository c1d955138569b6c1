#!/usr/bin/env bash
# Everything that must hold, in the order in which a failure is cheapest to
# learn. All steps run, even after one failed; the summary says which.
set -uo pipefail
cd "$(dirname "$0")/.."

# A server of its own, which postgres.sh stops whatever happens to this script.
if [[ -z ${CLEW_TEST_POSTGRES-} ]]; then
	exec scripts/postgres.sh run "$0" "$@"
fi
trap 'exit 130' INT TERM HUP

summary=()
failed=0
step() { # step NAME COMMAND…
	local name=$1 began=$SECONDS state=ok
	shift
	echo "── $name"
	"$@" || { state=FAILED; failed=1; }
	summary+=("$(printf '%-7s %4ds  %s' "$state" $((SECONDS - began)) "$name")")
}

tests() { go test -json -timeout=12m ./... | go run ./scripts/testreport; }

# The race detector makes the embedded database, which is WebAssembly, some
# twenty times slower: it runs where goroutines meet, with the short tests.
races() {
	CGO_ENABLED=1 go test -race -short -json -timeout=4m \
		./internal/lib/... ./internal/platform/... | go run ./scripts/testreport
}

step "format, linters, vet" scripts/lint.sh
step "tests" tests
step "races" races
step "build" go build -o /dev/null ./cmd/clew

echo
echo "── summary"
printf '%s\n' "${summary[@]}"
echo "${SECONDS}s in all on $(nproc) cores"
exit "$failed"
