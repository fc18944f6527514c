#!/bin/bash
# The first program of the payload: runs every function check_… of the files checks-*.sh, in order, or those that its arguments name, and
# says of each, on the port `results`, whether it went well. Each is a shell of its own that ends at its first failing command.
set -u
folder=$(dirname "$(realpath "$0")")
export folder work=/var/tmp/work
results=/dev/virtio-ports/results
files=/dev/virtio-ports/files
export PATH=$PATH:$folder/bin CONTAINER_RUNTIME_ENDPOINT=unix:///run/crij/crij.sock IMAGE_SERVICE_ENDPOINT=unix:///run/crij/crij.sock
mkdir -p $work
echo 'timeout: 300' >/etc/crictl.yaml
exec </dev/null >/dev/ttyS0 2>&1

say() {
  echo "$1"
  echo "$1" >>$results
}

wanted() {
  [ $# = 1 ] || [[ " ${*:2} " == *" $1 "* ]]
}

say "kernel $(uname -r)"
for file in $folder/checks-*.sh; do
  for check in $(grep -oE '^check_[a-z_0-9]+' "$file"); do
    wanted "$check" "$@" || continue
    began=$SECONDS
    if bash -euo pipefail -O inherit_errexit -c ". $folder/words.sh; . $file; set -x; $check" >$work/$check.log 2>&1; then
      say "ok $check $((SECONDS - began))"
    else
      say "failed $check $((SECONDS - began))"
      tail -n 30 $work/$check.log
    fi
  done
done
journalctl --no-pager -o short-monotonic -u crij -u conmon-j >$work/services.log 2>&1
journalctl --no-pager -o short-monotonic -n 2000 >$work/journal.log 2>&1
dmesg >$work/dmesg.log
tar -C $work --exclude=registry -cf $files .
say "end"
