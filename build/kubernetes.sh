#!/usr/bin/env bash
# Builds the parts of a one-node Kubernetes and prints their folder: kubelet, kubectl, kube-apiserver,
# kube-controller-manager and kube-scheduler of the version that e2e/tools/kubernetes/go.mod pins, and the etcd it pins.
# Once for each version, in ten minutes or more of two cores: docs/testing.md has the figures.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/tools.sh
crij_find_go

module=e2e/tools/kubernetes
key=$(cat build/kubernetes.sh $module/go.mod $module/go.sum <(go version) | sha256sum | cut -c1-16)
out=$CRIJ_CACHE/kubernetes/$key
if [ ! -e "$out/complete" ]; then
  echo "crij: building Kubernetes and etcd, once: this takes ten minutes or more" >&2
  cd $module
  version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
  IFS=. read -r major minor _ <<<"${version#v}"
  # The Go tool would not know it; kubelet and apiserver compare theirs.
  of=k8s.io/component-base/version
  stamp="-X $of.gitVersion=$version -X $of.gitMajor=$major -X $of.gitMinor=$minor"
  export CGO_ENABLED=0
  for program in kubelet kube-apiserver kube-controller-manager kube-scheduler kubectl; do
    nice -n 10 go build -p 2 -trimpath -ldflags "-s -w $stamp" -o "$out/$program" "k8s.io/kubernetes/cmd/$program"
  done
  nice -n 10 go build -p 2 -trimpath -ldflags "-s -w" -o "$out/etcd" go.etcd.io/etcd/server/v3
  touch "$out/complete"
fi
echo "$out"
