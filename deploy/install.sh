#!/bin/sh
# Puts Clew on this machine: program, account, folders, key, configuration and
# service. Run it as root in the folder with the sources, after "make build".
# Run again, it brings a newer program and touches nothing else that is there.
set -eu
cd "$(dirname "$0")/.."

[ "$(id -u)" -eq 0 ] || { echo "install.sh: run this as root" >&2; exit 1; }
[ -x bin/clew ] || { echo "install.sh: bin/clew is missing: run \"make build\" first" >&2; exit 1; }

id clew >/dev/null 2>&1 ||
	useradd --system --user-group --home-dir /var/lib/clew --no-create-home --shell /usr/sbin/nologin clew
install -d -m 0755 /etc/clew
install -d -m 0700 -o clew -g clew /var/lib/clew /var/lib/clew-backup

# A rename puts the new program in place at once, also while the old one runs.
install -m 0755 bin/clew /usr/local/bin/clew.new
mv /usr/local/bin/clew.new /usr/local/bin/clew

if [ ! -e /etc/clew/clew.key ]; then
	(umask 077 && od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >/etc/clew/clew.key)
	echo "The key of the database is in /etc/clew/clew.key. Keep a copy apart from this machine."
fi
[ -e /etc/clew/clew.conf ] || install -m 0644 deploy/clew.conf.example /etc/clew/clew.conf
[ ! -d /etc/systemd/system ] || install -m 0644 deploy/clew.service /etc/systemd/system/clew.service
[ ! -d /run/systemd/system ] || systemctl daemon-reload
echo "Installed: $(/usr/local/bin/clew version)"
