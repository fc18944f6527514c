#!/usr/bin/env bash
# Makes the AOT caches: each program runs once as it will run later, and the JVM writes down what it loaded. crijd pulls
# an image and runs a container of it, conmon-j logs, executes and attaches, so that the first pull, the first start and
# the first session of a node find their classes loaded;
# where the build may not do that, for example not as root, they are slower and all else is the same.
# usage: train.sh DIST
set -euo pipefail
dist=$(cd "$1" && pwd)
cd "$(dirname "$0")"
work=$(mktemp -d)
# On the disk of the build: in a /tmp in memory, layers are no EROFS images.
root=$(mktemp -d "$dist/train.XXXXXX")
crijd='' monitor='' registry=''
# After a failure they may still run.
trap 'kill $crijd $monitor $registry 2>/dev/null || true; rm -rf --one-file-system "$work" "$root"' EXIT

# The programs keep the flags of their launchers; the variable only adds where the cache goes.
recording() {
  echo "-XX:AOTCacheOutput=$dist/lib/$1.aot -Xlog:aot=off -Xlog:cds=off"
}

fail() {
  echo "crij: $1" >&2
  cat "$work"/*.log >&2
  exit 1
}

# wait_for FILE PROGRAM
wait_for() {
  for _ in $(seq 200); do
    [ -e "$1" ] && return
    sleep 0.1
  done
  fail "$2 does not start"
}

crij() {
  "$dist/bin/crij" --address "unix://$work/run/admin.sock" "$@"
}

# An image of this host's `sleep`: a layer of small files, and one large enough to come through a file.
layers() {
  local tree=$work/tree sleep library i
  sleep=$(readlink -f "$(command -v sleep)")
  mkdir -p "$tree/usr/share" "$work/large"
  install -D -m 0755 "$sleep" "$tree/sleep"
  { ldd "$sleep" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r library; do
    install -D -m 0755 "$(readlink -f "$library")" "$tree$library"
  done
  for i in $(seq 300); do
    mkdir -p "$tree/usr/share/part-$((i / 10))"
    echo "$i" >"$tree/usr/share/part-$((i / 10))/file-$i"
  done
  ln -s share "$tree/usr/link"
  ln "$tree/usr/share/part-0/file-1" "$tree/usr/hard"
  head -c 6000000 /dev/urandom >"$work/large/data"
  tar -C "$tree" -czf "$work/small.tar.gz" .
  tar -C "$work/large" -czf "$work/large.tar.gz" .
}

start_registry() {
  "$JAVA_HOME/bin/java" train/Registry.java "$work/port" "$(uname -m)" /sleep "$work"/{small,large}.tar.gz \
    >"$work/registry.log" 2>&1 &
  registry=$!
  wait_for "$work/port" "the registry"
  host=127.0.0.1:$(cat "$work/port")
  mkdir -p "$work/certs.d/$host"
  echo "server = \"http://$host\"" >"$work/certs.d/$host/hosts.toml"
  printf '[crij.image]\nregistry_hosts_dir = "%s"\n' "$work/certs.d" >"$work/crij.toml"
}

pull_and_run() {
  crij image pull "$host/train/first:1" || return
  crij pod run --name train --image "$host/train/first:1" --host-network --log-directory "$work/logs" || return
  crij pod containers
  crij node drain && crij image rm "$host/train/first:1"
}

layers
start_registry
# wait_end PID PROGRAM: writing the cache takes seconds on an idle machine, minutes on a busy one.
wait_end() {
  for _ in $(seq 3000); do
    kill -0 "$1" 2>/dev/null || break
    sleep 0.1
  done
  ! kill -0 "$1" 2>/dev/null || fail "$2 does not end"
  wait "$1" || fail "$2 did not end well"
}

mkdir -m 0711 "$work/run"
# First the monitor: crijd finds it instead of starting one, which would inherit the variable.
JDK_JAVA_OPTIONS=$(recording conmon-j) "$dist/bin/conmon-j" --runroot "$work/run" >"$work/conmon-j.log" 2>&1 &
monitor=$!
wait_for "$work/run/monitor/conmon.sock" conmon-j
mkdir "$work/streams"
"$JAVA_HOME/bin/java" -cp "$dist/lib/*" train/Streams.java "$work/run/monitor/conmon.sock" "$work/streams" \
  >"$work/streams.log" 2>&1 ||
  echo "crij: the monitor's AOT cache knows few streams: $(tail -n 1 "$work/streams.log")" >&2
JDK_JAVA_OPTIONS=$(recording crijd) "$dist/bin/crijd" --config "$work/crij.toml" --root "$root" --runroot "$work/run" \
  >"$work/crijd.log" 2>&1 &
crijd=$!
wait_for "$work/run/admin.sock" crijd
# The socket is there before the services have recovered.
for _ in $(seq 200); do
  crij version >/dev/null 2>&1 && break
  sleep 0.1
done
JDK_JAVA_OPTIONS=$(recording crij) crij info >"$work/crij.log" 2>&1 || fail "crijd does not answer"
crij version >/dev/null
crij image ls >/dev/null
if ! pull_and_run >"$work/pod.log" 2>&1; then
  echo "crij: the AOT caches know no pull or no container: $(tail -n 1 "$work/pod.log")" >&2
  crij node drain >/dev/null 2>&1 || true
fi
crij node shutdown --with-monitor >"$work/shutdown.log" 2>&1 || true
wait_end "$crijd" crijd
wait_end "$monitor" conmon-j
crijd='' monitor=''
for program in conmon-j crijd crij; do
  cache=$dist/lib/$program.aot
  [ -s "$cache" ] || fail "no AOT cache was made for $program"
  # The JVM writes it at once, and Linux then holds it in pieces of 2 MB, each of which is mapped whole for one page that is
  # read: 25 MB more in a server's memory. As a package manager writes it, or read again after a reboot, it is in small ones.
  cp -p "$cache" "$cache.copy"
  mv "$cache.copy" "$cache"
done
