#!/usr/bin/env bash
# Prints the path of a fsck.erofs that knows blocks of 512 bytes (erofs-utils 1.8): this machine's, or that of Debian 13 with
# its own libraries beside it, from the mirror this machine uses, without installing anything.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/tools.sh

version=$(fsck.erofs -V 2>/dev/null | grep -oE '[0-9]+\.[0-9.]+' | head -n 1) || version=0
if [ "$(printf '%s\n' 1.8 "$version" | sort -V | head -n 1)" = 1.8 ]; then
  command -v fsck.erofs
  exit
fi

packages=(erofs-utils libc6 libdeflate0 liblz4-1 liblzma5 libpcre2-8-0 libselinux1 libuuid1 libxxhash0 libzstd1 zlib1g)
out=$CRIJ_CACHE/fsck-erofs/$(sha256sum build/fsck-erofs.sh | cut -c1-16)
if [ ! -e "$out/complete" ]; then
  rm -rf "$out"
  mkdir -p "$out"/{files,debs,sources,lists/partial,cache/archives/partial}
  . /etc/os-release
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    [ ! -e "$file" ] || sed "s/\b$VERSION_CODENAME\b/trixie/g" "$file" >"$out/sources/$(basename "${file/%sources.list/main.list}")"
  done
  apt=(-q -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$out/sources" -o "Dir::State::lists=$out/lists"
    -o "Dir::Cache=$out/cache" -o APT::Sandbox::User=root)
  apt-get "${apt[@]}" update >&2
  (cd "$out/debs" && apt-get "${apt[@]}" download "${packages[@]}" >&2)
  for deb in "$out"/debs/*.deb; do
    dpkg-deb -x "$deb" "$out/files"
  done
  loader=$(find "$out/files" -name 'ld-linux*.so.*' | head -n 1)
  libraries=$(find "$out/files" -name '*.so.*' -printf '%h\n' | sort -u | paste -sd:)
  program=$(find "$out/files" -name fsck.erofs | head -n 1)
  printf '#!/bin/sh\nexec %s --library-path %s %s "$@"\n' "$loader" "$libraries" "$program" >"$out/fsck.erofs"
  chmod +x "$out/fsck.erofs"
  "$out/fsck.erofs" -V >&2
  rm -r "$out"/{debs,sources,lists,cache}
  touch "$out/complete"
fi
echo "$out/fsck.erofs"
