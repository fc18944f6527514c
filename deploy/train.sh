#!/usr/bin/env bash
# Makes the AOT caches: each program runs once as it will run later, and the JVM writes down what it loaded.
# usage: train.sh DIST
set -euo pipefail
dist=$(cd "$1" && pwd)
work=$(mktemp -d)
crijd='' monitor=''
# After a failure they may still run.
trap 'kill $crijd $monitor 2>/dev/null || true; rm -rf "$work"' EXIT
address=unix://$work/run/admin.sock

# The programs keep the flags of their launchers; the variable only adds where the cache goes.
recording() {
  echo "-XX:AOTCacheOutput=$dist/lib/$1.aot -Xlog:aot=off -Xlog:cds=off"
}

fail() {
  echo "crij: $1" >&2
  cat "$work"/*.log >&2
  exit 1
}

# wait_for SOCKET PROGRAM
wait_for() {
  for _ in $(seq 200); do
    [ -S "$1" ] && return
    sleep 0.1
  done
  fail "$2 does not start"
}

mkdir -m 0711 "$work/run"
# First the monitor: crijd finds it instead of starting one, which would inherit the variable.
JDK_JAVA_OPTIONS=$(recording conmon-j) "$dist/bin/conmon-j" --runroot "$work/run" >"$work/conmon-j.log" 2>&1 &
monitor=$!
wait_for "$work/run/monitor/conmon.sock" conmon-j
JDK_JAVA_OPTIONS=$(recording crijd) "$dist/bin/crijd" --root "$work/root" --runroot "$work/run" >"$work/crijd.log" 2>&1 &
crijd=$!
wait_for "$work/run/admin.sock" crijd
# The socket is there before the services have recovered.
for _ in $(seq 200); do
  "$dist/bin/crij" --address "$address" version >/dev/null 2>&1 && break
  sleep 0.1
done
JDK_JAVA_OPTIONS=$(recording crij) "$dist/bin/crij" --address "$address" info >"$work/crij.log" 2>&1 ||
  fail "crijd does not answer"
"$dist/bin/crij" --address "$address" version >/dev/null
"$dist/bin/crij" --address "$address" image ls >/dev/null
"$dist/bin/crij" --address "$address" node shutdown --with-monitor
wait "$crijd" || fail "crijd did not end well"
wait "$monitor" || fail "conmon-j did not end well"
crijd='' monitor=''
for program in conmon-j crijd crij; do
  [ -s "$dist/lib/$program.aot" ] || fail "no AOT cache was made for $program"
done
