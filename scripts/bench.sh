#!/usr/bin/env bash
# Runs the benchmarks and prints one table. The numbers mean something only
# together with the machine, so that comes first.
# BENCH picks some (a regular expression), COUNT repeats them.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -z ${CLEW_TEST_POSTGRES-} ]]; then
	export CLEW_POSTGRES_FSYNC=on # else it would be measured without waiting for the disk
	exec scripts/postgres.sh run "$0" "$@"
fi

awk -F ': ' '/^model name/ { print "processor  " $2; exit }' /proc/cpuinfo
echo "cores      $(nproc)"
awk '/^MemTotal/ { printf "memory     %.1f GB\n", $2 / 1e6 }' /proc/meminfo
echo "system     $(uname -sr)"
echo "disk       $(df --output=fstype "${TMPDIR:-/tmp}" | tail -1) at ${TMPDIR:-/tmp}"
echo "go         $(go env GOVERSION)"
echo "commit     $(git rev-parse --short HEAD 2>/dev/null || echo unknown)"
echo

go test -run='^$' -bench="${BENCH:-.}" -benchmem -count="${COUNT:-1}" -timeout=60m ./... |
	tee /dev/stderr | awk '
	/^pkg: / { pkg = $2; sub(/.*\/clew\//, "", pkg); next }
	/^Benchmark/ {
		name = $1; sub(/^Benchmark/, "", name); sub(/-[0-9]+$/, "", name)
		line = sprintf("%-28s %-44s", pkg, name)
		for (i = 3; i < NF; i += 2) line = line sprintf(" %14s %s", $i, $(i + 1))
		rows[++n] = line
	}
	END { print ""; for (i = 1; i <= n; i++) print rows[i] }'
