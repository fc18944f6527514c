#!/usr/bin/env bash
# Measures CRI-J against containerd, built from its Go module, in private directories: same OCI runtime, same CNI
# plugins, in turns, in one run. Prints medians, p99 and ratios. Arguments go to criload (see criload/main.go), for example
# --only pods --pods 20, or --nice -10 on a shared machine. Root.
set -euo pipefail
cd "$(dirname "$0")"
. ../build/tools.sh
crij_find_go

PEER=$CRIJ_CACHE/bench/containerd-v2.4.2
mkdir -p "$PEER"
[ -x "$PEER/containerd" ] || (cd peer && go build -tags no_btrfs,no_devmapper,no_zfs -o "$PEER/" \
  github.com/containerd/containerd/v2/cmd/containerd github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2)
(cd criload && CGO_ENABLED=0 go build -o "$CRIJ_CACHE/bench/criload" .)

# Marks every process of a runtime: both have it in their command lines.
DIR=$(mktemp -d /var/tmp/crij-bench.XXXXXX)
BRIDGE=crijbench0
finish() {
  status=$?
  set +e # each step whatever became of the others
  [ $status = 0 ] || tail -n 20 "$DIR"/*.log >&2
  # What criload could not end: it was ended itself.
  grep -lsF "$DIR/" /proc/[0-9]*/cmdline | grep -oE '[0-9]+' | grep -vx $$ | xargs -r kill -KILL 2>/dev/null || true
  find /sys/fs/cgroup -path '*/crij-bench*/cgroup.procs' -exec cat {} + 2>/dev/null | xargs -r kill -KILL 2>/dev/null || true
  ip link delete "$BRIDGE" 2>/dev/null || true
  awk -v d="$DIR" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo | sort -r | xargs -r umount -l
  find /sys/fs/cgroup -depth -type d -path '*/crij-bench*' -exec rmdir {} + 2>/dev/null || true
  rm -rf "$DIR"
}
trap finish EXIT
. ./until-told.sh

mkdir -p "$DIR/net.d" "$DIR/c" "$DIR/j"
cat >"$DIR/net.d/10-bench.conflist" <<E2
{"cniVersion": "1.0.0", "name": "crij-bench", "plugins": [
  {"type": "bridge", "bridge": "$BRIDGE", "isGateway": true, "ipMasq": false,
   "ipam": {"type": "host-local", "dataDir": "$DIR/ipam", "ranges": [[{"subnet": "10.213.0.0/16"}]]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
E2
cat >"$DIR/c/config.toml" <<E2
version = 3
root = "$DIR/c/root"
state = "$DIR/c/run"
[grpc]
  address = "$DIR/c/run/containerd.sock"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "SANDBOX"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["/opt/cni/bin", "/usr/lib/cni"]
    conf_dir = "$DIR/net.d"
  [plugins."io.containerd.cri.v1.runtime".containerd]
    default_runtime_name = "runc"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      BinaryName = "$(command -v runc)"
E2
cat >"$DIR/j/crij.toml" <<E2
[crij.runtime]
default_runtime = "runc"
[crij.runtime.runtimes.runc]
runtime_path = "$(command -v runc)"
[crij.image]
registry_hosts_dir = "$DIR/j/certs.d"
[crij.network]
network_dir = "$DIR/net.d"
E2

# The image's registry: on loopback, plain http, which containerd takes as it is and CRI-J when told.
PORT=$(shuf -i 20000-29999 -n 1)
mkdir -p "$DIR/j/certs.d/127.0.0.1:$PORT"
echo "server = \"http://127.0.0.1:$PORT\"" >"$DIR/j/certs.d/127.0.0.1:$PORT/hosts.toml"
sed -i "s|SANDBOX|127.0.0.1:$PORT/bench/load:1|" "$DIR/c/config.toml"

cat >"$DIR/c/start" <<E2
#!/bin/sh
PATH=$PEER:\$PATH exec "$PEER/containerd" --config "$DIR/c/config.toml"
E2
dist=$(cd ../dist && pwd)
cat >"$DIR/j/start" <<E2
#!/bin/sh
exec "$dist/bin/crijd" --config "$DIR/j/crij.toml" --root "$DIR/j/root" --runroot "$DIR/j/run"
E2
cat >"$DIR/j/stop" <<E2
#!/bin/sh
for verb in drain "shutdown --with-monitor"; do
  "$dist/bin/crij" --address "unix://$DIR/j/run/admin.sock" node \$verb
done
E2
chmod +x "$DIR"/?/start "$DIR/j/stop"

until_told "$CRIJ_CACHE/bench/criload" --registry "127.0.0.1:$PORT" --network "$DIR/net.d/10-bench.conflist" \
  --crij "$DIR/j" --crij-socket "$DIR/j/run/crij.sock" --peer "$DIR/c" --peer-socket "$DIR/c/run/containerd.sock" "$@"
