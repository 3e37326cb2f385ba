#!/usr/bin/env bash
# Check a tag against the version of the data, and build everything that is released under it.
#
#   bash scripts/release.sh TAG        only check that TAG is the version
#   bash scripts/release.sh TAG OUT    check, then build into the folder OUT, which must not exist:
#                                      OUT/data, the release of the data with its archive;
#                                      OUT/python, wheel and sdist
#
# All is built twice, here and in a clone in another folder, and compared byte for byte. The release
# before is the newest tag among the ancestors of HEAD; its changes are told and the version judged
# by them. The programs idlib-data and python, with the modules build and hatchling, come from PATH.
#
# Exit codes: 0 fine, 1 the tag, the data or the builds are at fault, 2 the call or the environment.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"

fail() {
    echo "::error title=release::$2"
    exit "$1"
}

tag=${1:-}
out=${2:-}
[ -n "$tag" ] || fail 2 "give the tag: bash scripts/release.sh TAG [OUT]"
version=$(python -c 'import json; print(json.load(open("datapackage.json", encoding="utf-8"))["version"])')
[ "$tag" = "$version" ] || fail 1 "the tag is $tag, but the version in datapackage.json is $version"
[ -n "$out" ] || exit 0
[ ! -e "$out" ] || fail 2 "$out is there already"

# What CITATION.cff does not date is of the day of the commit; wheel and sdist always are.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
base=$(git describe --tags --abbrev=0 --match '[0-9]*' HEAD^ 2>/dev/null) || base=
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet . "$work/clone"

build() {
    local code=0
    idlib-data release build "$1" --out "$2/data" ${base:+"--base=$base"} || code=$?
    [ "$code" = 0 ] || fail "$code" "the release cannot be built, see the log"
    python -m build --no-isolation --outdir "$2/python" "$1" >"$work/log" 2>&1 || {
        cat "$work/log"
        fail 2 "wheel and sdist cannot be built, see the log"
    }
}

mkdir -p "$work/first" "$work/second"
build . "$work/first"
build "$work/clone" "$work/second"
diff -r "$work/first" "$work/second" || fail 1 "two builds of $tag differ, see the log"
mkdir -p "$(dirname "$out")"
cp -R "$work/first" "$out"
echo "built $tag twice, with the same bytes, into $out"
