#!/usr/bin/env bash
# Installs what the tests need on bare Debian or Ubuntu, and nothing that is
# already there. `setup.sh linter` installs only the linter; `setup.sh postgis`
# what `make bench-directory` compares with, which nothing else needs.
set -euo pipefail
cd "$(dirname "$0")/.."

# Newer ones may refuse today's code or need a newer Go: move both together.
LINTER=v2.15.0

say() { echo "setup: $*" >&2; }
die() { say "$*"; exit 1; }

command -v go >/dev/null || die "Go is missing. Install the version that go.mod names: https://go.dev/dl/"

linter() {
	local bin=.cache/bin/golangci-lint
	if [[ -x $bin ]] && "$bin" version 2>/dev/null | grep -q "version ${LINTER#v} "; then
		return
	fi
	say "building golangci-lint $LINTER (once, a few minutes)"
	mkdir -p .cache/bin
	GOBIN="$PWD/.cache/bin" GOFLAGS= CGO_ENABLED=0 \
		go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$LINTER" ||
		die "golangci-lint $LINTER could not be built: is the module proxy reachable? (go env GOPROXY)"
}

# font FILE-PATTERN: is a font file of that name somewhere under the usual folders?
font() { [[ -n $(find /usr/share/fonts /usr/local/share/fonts ~/.fonts -name "$1" -print -quit 2>/dev/null) ]]; }

database() {
	command -v initdb >/dev/null && command -v postgres >/dev/null && return
	compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

packages() {
	local need=()
	command -v git >/dev/null || need+=(git)
	command -v chromium >/dev/null || command -v google-chrome >/dev/null || need+=(chromium)
	database || need+=(postgresql)
	font 'NotoSansArabic*' || need+=(fonts-noto-core)
	font 'NotoSansCJK*' || need+=(fonts-noto-cjk)
	# The race detector is the one thing here that wants a C compiler.
	command -v gcc >/dev/null || need+=(gcc libc6-dev)
	((${#need[@]})) || return 0
	install "${need[@]}"
}

# install LIST…: Debian packages.
install() {
	local need=("$@")
	command -v apt-get >/dev/null ||
		die "missing: ${need[*]} (Debian names). This is not Debian: install them with your own package manager, then run again."
	local root=()
	if ((EUID != 0)); then
		command -v sudo >/dev/null ||
			die "missing: ${need[*]}. Run as root, or install sudo: apt-get install ${need[*]}"
		root=(sudo)
	fi
	say "installing ${need[*]}"
	# postgresql would otherwise make and start a server for the whole machine.
	local conf=/etc/postgresql-common/createcluster.conf
	if [[ " ${need[*]} " == *" postgresql"* && ! -e $conf ]]; then
		"${root[@]}" mkdir -p "$(dirname "$conf")"
		echo 'create_main_cluster = false' | "${root[@]}" tee "$conf" >/dev/null
	fi
	"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
	"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		-o Dpkg::Options::=--force-confold "${need[@]}" >&2 ||
		die "apt-get could not install: ${need[*]}"
}

postgis() {
	compgen -G '/usr/share/postgresql/15/extension/postgis.control' >/dev/null || install postgresql-15 postgresql-15-postgis-3
}

case "${1:-all}" in
linter) linter ;;
postgis) postgis ;;
all) packages; linter ;;
*) die "usage: setup.sh [linter|postgis]" ;;
esac
