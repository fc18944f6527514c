#!/usr/bin/env bash
# Builds what the acceptance tests run and prints its folder: crictl and critest of the version that e2e/tools/go.mod
# pins, and the programs of the test images. Built once for each version.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/tools.sh
crij_find_go

key=$(cat build/go-tools.sh e2e/tools/go.mod e2e/tools/go.sum e2e/tools/*/main.go <(go version) | sha256sum | cut -c1-16)
out=$CRIJ_CACHE/go-tools/$key
if [ ! -e "$out/complete" ]; then
  echo "crij: building crictl and critest, once" >&2
  cd e2e/tools
  version=$(go list -m -f '{{.Version}}' sigs.k8s.io/cri-tools)
  export CGO_ENABLED=0
  go build -trimpath -o "$out/" -ldflags "-s -w -X sigs.k8s.io/cri-tools/pkg/version.Version=${version#v}" \
    sigs.k8s.io/cri-tools/cmd/crictl ./pause ./nonewprivs
  go test -c -trimpath -o "$out/critest" sigs.k8s.io/cri-tools/cmd/critest
  touch "$out/complete"
fi
echo "$out"
