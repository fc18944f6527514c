#!/usr/bin/env bash
# Builds what the acceptance tests run and prints its folder: crictl and critest of the version that e2e/tools/go.mod
# pins, the programs of the test images, and a runc that knows user namespaces: Debian's does not. Built once for each version.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/tools.sh
crij_find_go

key=$(cat build/go-tools.sh e2e/tools/go.mod e2e/tools/go.sum e2e/tools/*/main.go e2e/tools/runc/go.* <(go version) | sha256sum | cut -c1-16)
out=$CRIJ_CACHE/go-tools/$key
if [ ! -e "$out/complete" ]; then
  echo "crij: building crictl, critest and runc, once" >&2
  crij_install gcc gcc
  crij_install /usr/include/stdlib.h libc6-dev
  crij_install pkg-config pkg-config
  crij_install /usr/include/seccomp.h libseccomp-dev
  cd e2e/tools
  version=$(go list -m -f '{{.Version}}' sigs.k8s.io/cri-tools)
  export CGO_ENABLED=0
  go build -trimpath -o "$out/" -ldflags "-s -w -X sigs.k8s.io/cri-tools/pkg/version.Version=${version#v}" \
    sigs.k8s.io/cri-tools/cmd/crictl ./pause ./nonewprivs
  go test -c -trimpath -o "$out/critest" sigs.k8s.io/cri-tools/cmd/critest
  cd runc
  CGO_ENABLED=1 go build -trimpath -tags seccomp -o "$out/runc" github.com/opencontainers/runc
  touch "$out/complete"
fi
echo "$out"
