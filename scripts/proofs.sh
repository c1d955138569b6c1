#!/usr/bin/env bash
# Tries to break what Clew promises, and writes down what it reached: a small
# run into .cache/proofs/small.md, a full one (FULL=1, up to two hours) into
# docs/proofs.md. A full run that was interrupted goes on where it was.
# SEED repeats the luck of an earlier run, RUN picks some (a regular expression).
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -z ${CLEW_TEST_POSTGRES-} ]]; then
	exec scripts/postgres.sh run "$0" "$@"
fi

export CLEW_PROOFS=small CLEW_PROOFS_SEED=${SEED-}
timeout=10m
table=.cache/proofs/small.md
if [[ -n ${FULL-} ]]; then
	CLEW_PROOFS=full
	timeout=3h
	table=docs/proofs.md
	ulimit -n "$(ulimit -Hn)" # ten thousand sockets
fi

state=0
go test ./proofs -count=1 -timeout="$timeout" -parallel=4 -v -run="${RUN:-^TestProof}" |
	grep -Ev '^(=== |--- PASS|    --- PASS|        --- PASS)' || state=$?
[[ -f $table ]] && cat "$table"
exit "$state"
