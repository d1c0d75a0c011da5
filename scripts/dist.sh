#!/usr/bin/env bash
# `scripts/dist.sh PROGRAM FOLDER`: one archive of a release program in FOLDER, named with version and target, and proof
# that it unpacks and serves its page from an empty folder.
set -euo pipefail
program=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
cd "$(dirname "$0")/.."

fail() {
    echo "dist: $*" >&2
    exit 1
}

version=$("$program" --version | awk '{ print $2 }')
target=$(rustc -vV | sed -n 's/^host: //p')
name=tunemask-$version-$target

scratch=$(mktemp -d)
server=
finish() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT

mkdir "$scratch/$name"
cp "$program" LICENSE README.md "$scratch/$name"
"$program" manual "$scratch/$name"
# The same content gives the same archive.
tar --create --gzip --file "$folder/$name.tar.gz" --directory "$scratch" --sort=name --owner=0 --group=0 \
    --numeric-owner --mtime=@"$(git log -1 --format=%ct 2>/dev/null || echo 0)" "$name"
rm -r "${scratch:?}/$name"

# From here on as on another machine: the archive, an empty folder, and nothing else.
cd "$scratch"
tar --extract --file "$folder/$name.tar.gz"
for file in LICENSE README.md man/man1/tunemask{,-serve,-run}.1 completions/{tunemask.bash,_tunemask,tunemask.fish}; do
    [[ -s $name/$file ]] || fail "the archive lacks $file"
done
mkdir empty
mv "$name/tunemask" empty
cd empty
./tunemask serve --port 0 --home "$scratch/home" --device cpu >"$scratch/said" 2>"$scratch/remarks" &
server=$!
for _ in {1..300}; do
    grep -q http "$scratch/said" && break
    sleep 0.1
done
address=$(sed -n 's,.*http://,,p' "$scratch/said")
[[ -n $address ]] || fail "the program does not serve: $(cat "$scratch/remarks")"

# The body that is answered to a path.
get() {
    exec 3<>"/dev/tcp/${address%:*}/${address#*:}"
    printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$1" "$address" >&3
    local status line
    IFS= read -r status <&3
    [[ $status == *" 200 "* ]] || fail "$1 is answered with $status"
    while IFS= read -r line <&3 && [[ $line != $'\r' ]]; do :; done
    cat <&3
    exec 3>&-
}

get / >"$scratch/page"
files=$(grep -o 'pkg/[^"]*' "$scratch/page" | sort -u)
for kind in wasm js css svg; do
    file=$(grep "\.$kind$" <<<"$files") || fail "the page names no $kind"
    bytes=$(get "/$file" | wc -c)
    ((bytes > 0)) || fail "/$file is empty"
    echo "dist: from an empty folder the program serves /$file, $bytes bytes"
done
echo "dist: $folder/$name.tar.gz, $(stat -c %s "$folder/$name.tar.gz") bytes"
