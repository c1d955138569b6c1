#!/bin/sh
# Starts a throw-away PostgreSQL server for tests, from the packages of the system.
#
#   scripts/postgres.sh start   start (or find) it and print its URL
#   scripts/postgres.sh url     print the URL of the running one
#   scripts/postgres.sh stop    stop it and remove everything
#   scripts/postgres.sh run CMD…  start one for CMD alone, with CLEW_TEST_POSTGRES set
#
# It keeps its files under $CLEW_POSTGRES_DIR (default: a folder of this user in
# the temporary folder), listens on 127.0.0.1 at a free port, and lets
# everybody on this machine in: put no real data into it. Started by root it
# runs as the user "postgres" or "nobody", since the server refuses root.
# It does not wait for the disk, so measure nothing on it
# (CLEW_POSTGRES_FSYNC=on makes it wait). CLEW_POSTGRES_OPTIONS are options
# for the server, which go before those here.
set -eu

dir=${CLEW_POSTGRES_DIR:-${TMPDIR:-/tmp}/clew-postgres-$(id -u)}

say() { echo "postgres.sh: $*" >&2; }

find_bin() {
	if [ -n "${CLEW_POSTGRES_BIN:-}" ]; then
		echo "$CLEW_POSTGRES_BIN"
		return
	fi
	newest=
	for bin in /usr/lib/postgresql/*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql@*/bin; do
		[ -x "$bin/initdb" ] && newest=$bin
	done
	if [ -z "$newest" ] && command -v initdb >/dev/null; then
		newest=$(dirname "$(command -v initdb)")
	fi
	if [ -z "$newest" ]; then
		say "no PostgreSQL found: install the package postgresql"
		exit 1
	fi
	echo "$newest"
}

# as_user runs a command as somebody who is not root.
as_user() {
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
	elif id postgres >/dev/null 2>&1; then
		setpriv --reuid=postgres --regid="$(id -g postgres)" --clear-groups "$@"
	else
		setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups "$@"
	fi
}

running() {
	[ -f "$dir/url" ] && as_user "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1
}

start() {
	if running; then
		cat "$dir/url"
		return
	fi
	rm -rf "$dir"
	mkdir -m 0755 "$dir"
	if [ "$(id -u)" -eq 0 ]; then
		chown "$(as_user id -u):$(as_user id -g)" "$dir"
	fi
	cd "$dir"
	as_user "$bin/initdb" -D "$dir/data" -U clew -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 ||
		{ cat "$dir/log" >&2; exit 1; }
	try=0
	while :; do
		# A free port is found by trying: another program may take any
		# port between looking and using it.
		port=$(awk -v seed="$$$try" 'BEGIN { srand(seed); print 20000 + int(rand() * 12000) }')
		if as_user "$bin/pg_ctl" -D "$dir/data" -w -t 30 -l "$dir/server.log" -o "\
-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' \
-c fsync=${CLEW_POSTGRES_FSYNC:-off} -c full_page_writes=${CLEW_POSTGRES_FSYNC:-off} \
-c max_connections=300 -c shared_buffers=64MB -c autovacuum=off ${CLEW_POSTGRES_OPTIONS:-}" start >>"$dir/log" 2>&1; then
			break
		fi
		try=$((try + 1))
		if [ "$try" -ge 10 ]; then
			cat "$dir/log" "$dir/server.log" >&2
			exit 1
		fi
	done
	url="postgres://clew@127.0.0.1:$port/postgres?sslmode=disable"
	echo "$url" >"$dir/url.new"
	mv "$dir/url.new" "$dir/url"
	echo "$url"
}

stop() {
	if [ -d "$dir/data" ]; then
		cd "$dir"
		as_user "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
	fi
	cd /
	rm -rf "$dir"
}

bin=$(find_bin)
case "${1:-}" in
start) start ;;
stop) stop ;;
url)
	if ! running; then
		say "not running"
		exit 1
	fi
	cat "$dir/url"
	;;
run)
	shift
	dir=$(mktemp -d "${TMPDIR:-/tmp}/clew-postgres-XXXXXX")
	trap stop EXIT
	trap 'exit 130' INT TERM
	here=$PWD
	CLEW_TEST_POSTGRES=$(start)
	export CLEW_TEST_POSTGRES
	cd "$here"
	"$@"
	;;
*)
	sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2
	exit 2
	;;
esac
