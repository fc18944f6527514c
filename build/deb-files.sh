#!/usr/bin/env bash
# Unpacks the Debian packages that the test images are made from, and tools that must not be installed for a test, without
# installing them, and prints the folder.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/tools.sh

packages=(apparmor busybox nginx libc6 libcrypt1 libpcre2-8-0 libssl3 zlib1g)
key=$(cat build/deb-files.sh /etc/debian_version | sha256sum | cut -c1-16)
out=$CRIJ_CACHE/deb-files/$key
if [ ! -e "$out/complete" ]; then
  rm -rf "$out"
  mkdir -p "$out/debs" "$out/files"
  # Not as the user _apt, who could not write here.
  (cd "$out/debs" && crij_apt -q -o APT::Sandbox::User=root download "${packages[@]}")
  for deb in "$out"/debs/*.deb; do
    dpkg-deb -x "$deb" "$out/files"
  done
  rm -r "$out/debs"
  touch "$out/complete"
fi
echo "$out/files"
