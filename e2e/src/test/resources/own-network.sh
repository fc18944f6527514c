#!/usr/bin/env bash
# What `make run` has made of a network on a node without one, and what is left of it after `make stop`.
# Runs in a network and a mount namespace of its own. usage: own-network.sh FOLDER (ours | changed | used)
# "ours": all is as it was made; "changed": somebody has changed the configuration; "used": a port of somebody else's still leads through portmap's chains.
set -euo pipefail
folder=$1 case=$2
network=/etc/cni/net.d/10-crij.conflist

# /etc and /var/lib as they are, but what is written there is this test's.
mkdir "$folder/over" && mount -t tmpfs none "$folder/over"
for shown in /etc /var/lib; do
  mkdir -p "$folder/over$shown/upper" "$folder/over$shown/work"
  mount -t overlay -o "lowerdir=$shown,upperdir=$folder/over$shown/upper,workdir=$folder/over$shown/work" none "$shown"
done
mount -t sysfs none /sys
rm -rf /etc/cni /var/lib/cni

# portmap ADD|DEL CONTAINER PORT
portmap() {
  CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=/proc/self/ns/net CNI_IFNAME=eth0 CNI_PATH=/usr/lib/cni \
    /usr/lib/cni/portmap >/dev/null <<END
{"cniVersion": "1.0.0", "name": "crij", "type": "portmap",
 "runtimeConfig": {"portMappings": [{"hostPort": $3, "containerPort": 80, "protocol": "tcp"}]},
 "prevResult": {"cniVersion": "1.0.0", "interfaces": [{"name": "eth0", "sandbox": "x"}],
                "ips": [{"address": "10.85.0.2/16", "interface": 0}]}}
END
}

ip link set lo up
ip link add crij0 type bridge
ip link add others type bridge
iptables -t nat -A POSTROUTING -s 192.0.2.0/24 -j ACCEPT
portmap ADD ours 8080
[ "$case" != used ] || portmap ADD others 8081
portmap DEL ours 8080
mkdir -p "${network%/*}" /var/lib/cni/networks/crij "$CRIJ_ROOT"
cp ../deploy/cni/10-crij.conflist "$network"
[ "$case" != changed ] || echo >>"$network"
echo 10.85.0.2 >/var/lib/cni/networks/crij/last_reserved_ip.0
printf '%s\n' /etc/cni/net.d /etc/cni /var/lib/cni/networks /var/lib/cni >"$CRIJ_ROOT/made-folders"

../build/stop.sh
../build/stop.sh
for left in "$network" /etc/cni /var/lib/cni/networks/crij /var/lib/cni; do
  [ ! -e "$left" ] || echo "left: $left"
done
[ ! -e "$CRIJ_ROOT/made-folders" ] || echo "left: made-folders"
ip -o link | sed -n 's/^[0-9]*: \([a-z0-9]*\):.*/link: \1/p'
iptables-save -t nat | grep -E '^-A [A-Z]+ ' | sed 's/^/rule: /'
iptables-save -t nat | sed -n 's/^:\(CNI-HOSTPORT-[A-Z]*\) .*/chain: \1/p'
