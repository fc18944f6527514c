#!/usr/bin/env bash
# Measures a private instance of the built programs by crictl: medians of RUNS pods in the host's network, one after
# the other. Each figure holds crictl's own start, which the first line gives. Trust ratios taken in one run, not the
# milliseconds of a busy machine.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-10}

[ "$(id -u)" = 0 ] || { echo "crij: run it as root" >&2; exit 1; }
home=$(mktemp -d /var/tmp/cj-bench-XXXX)
export CRIJ_ROOT=$home/lib CRIJ_RUNROOT=$home/run
. build/node.sh
crictl() {
  "$tools/crictl" --runtime-endpoint "unix://$runroot/crij.sock" --image-endpoint "unix://$runroot/crij.sock" "$@"
}

now() {
  date +%s%N
}
# measure NAME COMMAND…: runs it, keeps its time and prints what it prints.
measure() {
  local name=$1 begin
  shift
  begin=$(now)
  "$@"
  echo $(($(now) - begin)) >>"$home/times.$name"
}
median() {
  sort -n "$home/times.$1" | awk '{ t[NR] = $1 } END { printf "%.1f", t[int((NR + 1) / 2)] / 1e6 }'
}
row() {
  printf '%-44s %10s\n' "$1" "$2"
}
pss() {
  awk '/^Pss:/ { printf "%.1f", $2 / 1024 }' "/proc/$1/smaps_rollup"
}
clear_up() {
  if crij info >/dev/null 2>&1; then
    crij node drain >/dev/null
    crij node shutdown --with-monitor
  fi
  rm -rf "$home"
}

tools=$(build/go-tools.sh)
trap clear_up EXIT
begin=$(now)
dist/bin/crijd "${daemon_flags[@]}" >"$home/crijd.log" 2>&1 &
until crictl version >/dev/null 2>&1; do
  kill -0 $! || { cat "$home/crijd.log" >&2; exit 1; }
done
ready=$(now)
build/busybox-image.sh "$home/image"
crij image import "$home/image" --name localhost/busybox:bench >/dev/null
daemon=$(crij info | sed -n 's/^pid: //p')
monitor=$(crij info | sed -n 's/^monitor pid: //p')
idle="$(pss "$daemon") + $(pss "$monitor")"

for i in $(seq "$runs"); do
  cat >"$home/pod.json" <<END
{"metadata":{"name":"bench-$i","namespace":"bench","uid":"$i","attempt":0},"log_directory":"$home/logs",
"linux":{"security_context":{"namespace_options":{"network":2}}}}
END
  cat >"$home/container.json" <<END
{"metadata":{"name":"c"},"image":{"image":"localhost/busybox:bench"},"command":["sleep","3600"],
"log_path":"$i.log","linux":{}}
END
  mkdir -p "$home/logs"
  measure crictl "$tools/crictl" --version >/dev/null
  measure version crictl version >/dev/null
  measure runp crictl runp "$home/pod.json" >"$home/pod"
  measure create crictl create "$(cat "$home/pod")" "$home/container.json" "$home/pod.json" >"$home/container"
  measure start crictl start "$(cat "$home/container")" >/dev/null
  measure exec crictl exec --sync "$(cat "$home/container")" true
done
full="$(pss "$daemon") + $(pss "$monitor")"
for pod in $(crictl pods --quiet); do
  measure stopp crictl stopp "$pod" >/dev/null
  measure rmp crictl rmp "$pod" >/dev/null
done

row "what ($runs runs)" "ms"
row "crictl alone" "$(median crictl)"
row "start of crijd and conmon-j to first answer" "$(awk "BEGIN { printf \"%.1f\", ($ready - $begin) / 1e6 }")"
row "Version" "$(median version)"
row "RunPodSandbox, host network" "$(median runp)"
row "CreateContainer" "$(median create)"
row "StartContainer" "$(median start)"
row "ExecSync of true" "$(median exec)"
row "StopPodSandbox, killing the container" "$(median stopp)"
row "RemovePodSandbox" "$(median rmp)"
row "memory of crijd + conmon-j, idle" "$idle MB"
row "the same with $runs pods" "$full MB"
