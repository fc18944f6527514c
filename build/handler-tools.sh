#!/usr/bin/env bash
# Builds the OCI runtimes that Debian 12 has not, or not new enough, and prints their folder: runsc of the gVisor that
# e2e/tools/runsc/go.mod pins, and the youki below with the versions of its own Cargo.lock. Once for each version;
# docs/testing.md has the figures.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/tools.sh
youki=0.7.0
crij_find_go
crij_find_cargo

module=e2e/tools/runsc
key=$(cat build/handler-tools.sh $module/go.mod $module/go.sum <(go version) <(cargo --version) | sha256sum | cut -c1-16)
out=$CRIJ_CACHE/handler-tools/$key
if [ ! -e "$out/complete" ]; then
  echo "crij: building runsc and youki, once: this takes some minutes" >&2
  crij_install gcc gcc
  crij_install /usr/include/stdlib.h libc6-dev
  crij_install pkg-config pkg-config
  crij_install /usr/include/seccomp.h libseccomp-dev
  (cd $module && CGO_ENABLED=0 nice -n 10 go build -trimpath -ldflags "-s -w" -o "$out/" gvisor.dev/gvisor/runsc) >&2
  # Only what it takes to run: the compiler's results are not kept, and it need not be fast. By default it cannot do cgroup v1.
  target=$(mktemp -d)
  trap 'rm -rf "$target"' EXIT
  CARGO_TARGET_DIR=$target CARGO_PROFILE_DEV_DEBUG=0 nice -n 10 cargo install --quiet --debug --locked \
    --no-default-features --features v1,v2,seccomp --root "$target/root" --version "$youki" youki >&2
  install -m 0755 "$target/root/bin/youki" "$out/youki"
  touch "$out/complete"
fi
echo "$out"
