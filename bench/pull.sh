#!/usr/bin/env bash
# Measures pulls against containerd, built from its Go module: same registry, each time a new daemon on a file system of its
# own, in turns. Arguments go to pull (see pull/main.go), for example --rounds 1 --images nine. Root; 15 GB of disk.
# CONTAINERD= measures CRI-J alone.
set -euo pipefail
cd "$(dirname "$0")"
. ../build/tools.sh
crij_find_go
crij_install docker-registry docker-registry
crij_install mkfs.ext4 e2fsprogs

PEER=${CONTAINERD-$CRIJ_CACHE/bench/containerd-v2.4.2}
if [ -n "$PEER" ]; then
  mkdir -p "$PEER"
  [ -x "$PEER/containerd" ] || (cd peer && go build -tags no_btrfs,no_devmapper,no_zfs -o "$PEER/" \
    github.com/containerd/containerd/v2/cmd/containerd github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2)
fi
(cd pull && CGO_ENABLED=0 go build -o "$CRIJ_CACHE/bench/pull" .)

# Short: it is in the paths of sockets.
DIR=$(mktemp -d /var/tmp/crij-pull.XXXXXX)
finish() {
  status=$?
  set +e # each step whatever became of the others
  [ $status = 0 ] || tail -n 5 "$DIR"/*.log >&2 || true
  awk -v d="$DIR" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo | sort -r | xargs -r umount -l
  find /sys/fs/cgroup -depth -type d -path '*/crij-bench*' -exec rmdir {} + 2>/dev/null || true
  rm -rf "$DIR"
}
trap finish EXIT
. ./until-told.sh
mkdir -p "$CRIJ_CACHE/bench/pull-images"
until_told "$CRIJ_CACHE/bench/pull" --data "$CRIJ_CACHE/bench/pull-images" --work "$DIR" --containerd "$PEER" --dist ../dist "$@"
