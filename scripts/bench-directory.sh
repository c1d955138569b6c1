#!/usr/bin/env bash
# Measures the search of a large directory, ours and PostgreSQL's, and names
# the machine: the numbers mean nothing without it. N is how many services
# (1000000), SECONDS_EACH how long each measurement takes (20).
#
# PostgreSQL gets what somebody would give it who knows it: memory for all of the
# data, no compiling of short queries, no workers that eight clients on few cores
# would only fight over, and a plan for each question rather than one for all.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -z ${CLEW_TEST_POSTGRES-} ]]; then
	export CLEW_POSTGRES_OPTIONS="-c shared_buffers=${SHARED_BUFFERS:-4GB} -c effective_cache_size=12GB -c work_mem=64MB -c maintenance_work_mem=1GB \
-c jit=off -c random_page_cost=1.1 -c max_parallel_workers_per_gather=0 -c plan_cache_mode=force_custom_plan -c max_wal_size=8GB -c wal_level=minimal -c max_wal_senders=0"
	export CLEW_POSTGRES_BIN=/usr/lib/postgresql/15/bin
	exec scripts/postgres.sh run "$0" "$@"
fi

awk -F ': ' '/^model name/ { print "processor  " $2; exit }' /proc/cpuinfo
echo "cores      $(nproc)"
awk '/^MemTotal/ { printf "memory     %.1f GB\n", $2 / 1e6 }' /proc/meminfo
echo "system     $(uname -sr)"
echo "go         $(go env GOVERSION)"
echo "commit     $(git rev-parse --short HEAD 2>/dev/null || echo unknown)"
echo "load       $(cut -d ' ' -f 1 /proc/loadavg) before it began"

program=$(mktemp -d)
trap 'rm -rf "$program"' EXIT
go build -o "$program/benchdirectory" ./scripts/benchdirectory
"$program/benchdirectory" -n "${N:-1000000}" -seconds "${SECONDS_EACH:-20}" "$@"
