#!/usr/bin/env bash
# Removes the pods, ends crijd and conmon-j, and takes away what build/run.sh made. Images stay in the store.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/node.sh

# Chains that the plugin portmap makes for the first port of a node and leaves for the next.
remove_port_chains() {
  local table
  for table in iptables ip6tables; do
    command -v "$table" >/dev/null || continue
    # Somebody else's port still goes through them.
    ! "$table" -w -t nat -S CNI-HOSTPORT-DNAT 2>/dev/null | grep -q '^-A' || continue
    "$table"-save -t nat 2>/dev/null | grep -E -- '^-A (PREROUTING|OUTPUT|POSTROUTING) .*-j CNI-HOSTPORT-' |
      sed 's/^-A /-D /' | while read -r rule; do eval "$table -w -t nat $rule"; done
    for chain in DNAT SETMARK MASQ; do
      "$table" -w -t nat -F "CNI-HOSTPORT-$chain" 2>/dev/null || continue
      "$table" -w -t nat -X "CNI-HOSTPORT-$chain"
    done
  done
}

remove_own_network() {
  [ -z "$config" ] && cmp -s deploy/cni/10-crij.conflist "$own_network" || return 0
  rm "$own_network"
  rmdir --ignore-fail-on-non-empty "$network_dir" "$(dirname "$network_dir")"
  [ ! -e /sys/class/net/crij0 ] || ip link delete crij0
  remove_port_chains
  rm -rf /var/lib/cni/networks/crij
  rmdir --ignore-fail-on-non-empty /var/lib/cni/networks /var/lib/cni 2>/dev/null || true
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
rm -rf "$runroot" "$logs"
echo "crij: stopped; images stay in $root"
