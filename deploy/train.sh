#!/usr/bin/env bash
# Makes the AOT caches: each program runs once as it will run later, and the JVM writes down what it loaded.
# usage: train.sh DIST
set -euo pipefail
dist=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
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

JDK_JAVA_OPTIONS=$(recording crijd) "$dist/bin/crijd" --root "$work/root" --runroot "$work/run" >"$work/crijd.log" 2>&1 &
crijd=$!
for _ in $(seq 200); do
  [ -S "$work/run/admin.sock" ] && break
  sleep 0.1
done
JDK_JAVA_OPTIONS=$(recording crij) "$dist/bin/crij" --address "$address" info >"$work/crij.log" 2>&1 ||
  fail "crijd does not answer"
"$dist/bin/crij" --address "$address" version >/dev/null
"$dist/bin/crij" --address "$address" node shutdown
wait "$crijd" || fail "crijd did not end well"
for program in crijd crij; do
  [ -s "$dist/lib/$program.aot" ] || fail "no AOT cache was made for $program"
done
