#!/usr/bin/env bash
# Starts CRI-J on this node, unless it is up, and runs a first pod. Succeeds when the pod's log was seen.
# Private folders make a private instance, beside the node's own: CRIJ_ROOT, CRIJ_RUNROOT, CRIJ_LOGS; CRIJ_CONFIG is
# its configuration file.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/node.sh
reference=$IMAGE

# The pod's command; its image needs a shell.
hello='echo "Hello from a pod of CRI-J: $(uname -n), kernel $(uname -r)"; trap "exit 0" TERM; while :; do sleep 1; done'

fail() {
  echo "crij: $1" >&2
  [ ! -f "$logs/crijd.log" ] || { echo "crij: the end of $logs/crijd.log:" >&2; tail -n 20 "$logs/crijd.log" >&2; }
  exit 1
}

install_network() {
  local folder
  [ -z "$config" ] || return 0
  if ! ls "$network_dir"/*.conf "$network_dir"/*.conflist "$network_dir"/*.json >/dev/null 2>&1; then
    echo "crij: this node has no CNI network: writing $own_network"
    mkdir -p -m 0700 "$root"
    for folder in "${own_folders[@]}"; do
      [ -d "$folder" ] || echo "$folder" >>"$made_folders"
    done
    install -D -m 0644 deploy/cni/10-crij.conflist "$own_network"
  fi
}

start() {
  mkdir -p "$logs"
  echo "crij: starting crijd; its log is $logs/crijd.log"
  setsid dist/bin/crijd "${daemon_flags[@]}" </dev/null >>"$logs/crijd.log" 2>&1 &
  local daemon=$!
  for _ in $(seq 300); do
    if crij status >/dev/null 2>&1; then
      echo "crij: ready"
      return
    fi
    kill -0 "$daemon" 2>/dev/null || fail "crijd ended"
    sleep 0.2
  done
  crij status >&2 || true
  fail "crijd is not ready after a minute"
}

fetch_image() {
  local answer layout
  echo "crij: pulling $reference"
  if answer=$(crij image pull "$reference" 2>&1); then
    echo "$answer"
    return
  fi
  echo "$answer"
  # Nobody there, or nobody who gives us anything: a rate limit, a proxy's refusal. Any other error is one of the image.
  [[ $answer =~ (UNAVAILABLE|DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED|PERMISSION_DENIED) ]] || fail "cannot pull $reference"
  echo "crij: no registry answers for $reference: importing an image made from this host's busybox"
  layout=$(mktemp -d)
  build/busybox-image.sh "$layout"
  reference=localhost/busybox:host
  crij image import "$layout" --name "$reference"
  rm -r "$layout"
}

if crij info >/dev/null 2>&1; then
  echo "crij: CRI-J is already up on this node"
else
  [ "$(id -u)" = 0 ] || fail "run it as root: it mounts, and makes namespaces and cgroups"
  build/node-needs.sh
  install_network
  start
fi

container=$(crij pod containers | awk '$2 == "running" && $3 == "default/hello/main" { print $1 }') ||
  fail "cannot ask for containers"
if [ -n "$container" ]; then
  echo "crij: the pod hello is there already"
else
  fetch_image
  ids=$(crij pod run --name hello --image "$reference" --log-directory "$logs/pods" -- sh -c "$hello") ||
    fail "the pod does not run"
  container=${ids##*$'\n'}
fi

log=
for _ in $(seq 300); do
  log=$(crij logs "$container")
  [ -z "$log" ] || break
  sleep 0.2
done
[ -n "$log" ] || fail "the container $container wrote nothing"
echo "crij: the log of container ${container:0:12}:"
echo "$log"

cat <<END
crij: the pod runs on. To use this node:
  crictl   crictl --runtime-endpoint unix://$runroot/crij.sock ps     (deploy/node/crictl.yaml is its file)
  kubelet  --container-runtime-endpoint=unix://$runroot/crij.sock     (deploy/node/kubelet.yaml is its file)
  crij     dist/bin/crij --help
  stop     make stop
END
