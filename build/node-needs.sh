#!/usr/bin/env bash
# Installs what a node needs beside CRI-J itself: an OCI runtime, the CNI plugins and what they call.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/tools.sh

# Also beside crun: Debian's refuses nodes that mix both versions of cgroups.
crij_install runc runc
[ -e /opt/cni/bin/bridge ] || crij_install /usr/lib/cni/bridge containernetworking-plugins
crij_install iptables iptables
crij_install nft nftables
crij_install ip iproute2
# Layers compressed by gzip are unpacked twice as fast with it.
crij_install "/usr/lib/$(uname -m)-linux-gnu/libisal.so.2" libisal2
