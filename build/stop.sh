#!/usr/bin/env bash
# Removes the pods, ends crijd and conmon-j, and takes away what build/run.sh made. Images stay in the store.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/node.sh

# Chains that the plugin portmap makes for the first port of a node and leaves for the next.
remove_port_chains() {
  local table=$1 rules rule chain
  command -v "$table" >/dev/null || return 0
  rules=$("$table-save" -t nat 2>/dev/null) || return 0
  # Somebody else's port still goes through them.
  ! grep -q '^-A CNI-HOSTPORT-DNAT ' <<<"$rules" || return 0
  while read -r rule; do
    # Words in quotes are one word: the rules come from the kernel in the form that the program reads.
    [ -z "$rule" ] || eval "$table -w -t nat -D ${rule#-A }"
  done < <(grep -E '^-A (PREROUTING|OUTPUT|POSTROUTING) .*-j CNI-HOSTPORT-' <<<"$rules" || true)
  for chain in $(grep -o '^:CNI-HOSTPORT-[A-Z]*' <<<"$rules" || true); do
    "$table" -w -t nat -F "${chain#:}"
    "$table" -w -t nat -X "${chain#:}"
  done
}

remove_own_network() {
  [ -z "$config" ] && cmp -s deploy/cni/10-crij.conflist "$own_network" || return 0
  [ ! -e /sys/class/net/crij0 ] || ip link delete crij0
  remove_port_chains iptables
  remove_port_chains ip6tables
  rm -rf /var/lib/cni/networks/crij
  # The last step, so that what was interrupted is done when asked again.
  rm "$own_network"
  [ -e "$made_folders" ] || return 0
  local folder
  while read -r folder; do
    [ ! -d "$folder" ] || rmdir --ignore-fail-on-non-empty "$folder"
  done <"$made_folders"
  rm "$made_folders"
}

[ "$(id -u)" = 0 ] || crij_missing "the right to do this" "run it as root"
if ! crij info >/dev/null 2>&1; then
  if [ ! -e "$runroot" ]; then
    echo "crij: CRI-J is not up on this node"
    remove_own_network
    exit 0
  fi
  # crijd was killed: its containers may live, and only it can remove them.
  echo "crij: crijd does not run; starting it to clear up"
  mkdir -p "$logs"
  setsid dist/bin/crijd "${daemon_flags[@]}" </dev/null >>"$logs/crijd.log" 2>&1 &
  for _ in $(seq 300); do
    ! crij info >/dev/null 2>&1 || break
    sleep 0.2
  done
  if ! crij info; then
    echo "crij: crijd does not start, nothing was removed; the end of $logs/crijd.log:" >&2
    tail -n 20 "$logs/crijd.log" >&2
    exit 1
  fi
fi

echo "crij: removing the pods"
crij node drain
echo "crij: ending crijd and conmon-j"
crij node shutdown --with-monitor
remove_own_network
rm -rf --one-file-system "$runroot" "$logs"
echo "crij: stopped; images stay in $root"
