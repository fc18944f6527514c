# Sourced by run.sh and stop.sh: where the instance is that they work on.
. build/tools.sh
crij_find_jdk

root=${CRIJ_ROOT:-/var/lib/crij}
runroot=${CRIJ_RUNROOT:-/run/crij}
logs=${CRIJ_LOGS:-/var/log/crij}
config=${CRIJ_CONFIG:-}
network_dir=/etc/cni/net.d
own_network=$network_dir/10-crij.conflist
# Folders that the network needs, the innermost first, and where run.sh notes which of them were not there before.
own_folders=("$network_dir" "${network_dir%/*}" /var/lib/cni/networks /var/lib/cni)
made_folders=$root/made-folders
daemon_flags=(--root "$root" --runroot "$runroot" --listen "unix://$runroot/crij.sock")
[ -z "$config" ] || daemon_flags+=(--config "$config")

crij() {
  dist/bin/crij --address "unix://$runroot/admin.sock" "$@"
}
