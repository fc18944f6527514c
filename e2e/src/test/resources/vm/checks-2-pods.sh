check_a_pod_is_a_slice_and_its_container_a_scope() {
  id=$(run_pod slices sh -c 'cat /proc/self/cgroup; sleep 100000')
  eventually 60 log_has "$id" '^0::/'
  scope=/sys/fs/cgroup/crij.slice/crij-$id.scope
  [ -d "$scope" ]
  # crun's containers are in a cgroup below the scope.
  find "$scope" -name cgroup.procs -exec cat {} + | grep -x "$(init_of "$id")"
  systemctl is-active "crij-$id.scope"
  systemctl show --property Delegate "crij-$id.scope" | grep yes
}

# crij-default denies mounts, which CAP_SYS_ADMIN would else allow. What it denies of /proc and /sys is read-only anyway.
check_the_default_profile_of_apparmor_denies_a_mount_with_runc() {
  handler=runc
  default_profile_denies_a_mount
}

check_the_default_profile_of_apparmor_denies_a_mount_with_crun() {
  handler=crun
  default_profile_denies_a_mount
}

default_profile_denies_a_mount() {
  local mount='"sh", "-c", "cat /proc/self/attr/current; mount -t tmpfs none /dev/shm && echo mounted; echo done; sleep 100000"'
  local capability='"capabilities": {"add_capabilities": ["SYS_ADMIN"]}'
  security=$capability
  id=$(pod_with "default-$handler" '' "$mount")
  eventually 60 log_has "$id" '^done$'
  log_has "$id" '^crij-default (enforce)$'
  log_has "$id" 'mount.*Permission denied'
  not log_has "$id" '^mounted$'
  grep '^crij-default ' /sys/kernel/security/apparmor/profiles
  [[ $(conditions) == *CrijAppArmorProfileLoaded=true* ]]
  security="$capability, \"apparmor\": {\"profile_type\": 1}"
  id=$(pod_with "unconfined-$handler" '' "$mount")
  eventually 60 log_has "$id" '^done$'
  log_has "$id" '^mounted$'
}

check_a_profile_of_the_nodes_own_denies_a_write_with_runc() {
  handler=runc
  own_profile_denies_a_write
}

check_a_profile_of_the_nodes_own_denies_a_write_with_crun() {
  handler=crun
  own_profile_denies_a_write
}

own_profile_denies_a_write() {
  local write='"sh", "-c", "echo x >/allowed && echo one; echo x >/denied && echo two; echo done; sleep 100000"'
  apparmor_parser --replace --skip-cache <<END
profile crij-check-$handler flags=(attach_disconnected, mediate_deleted) {
  capability,
  file,
  network,
  signal,
  audit deny /denied w,
}
END
  security="\"apparmor\": {\"profile_type\": 2, \"localhost_ref\": \"crij-check-$handler\"}"
  id=$(pod_with "own-$handler" '' "$write")
  eventually 60 log_has "$id" '^done$'
  log_has "$id" '^one$'
  log_has "$id" '/denied: Permission denied'
  not log_has "$id" '^two$'
  [ "$(crictl exec --sync "$id" cat /proc/self/attr/current)" = "crij-check-$handler (enforce)" ]
  grep -a "crij-check-$handler (enforce)" "/proc/$(init_of "$id")/attr/current"
  dmesg | grep "apparmor=\"DENIED\".* profile=\"crij-check-$handler\" name=\"/denied\""
  security=
  id=$(pod_with "not-own-$handler" '' "$write")
  eventually 60 log_has "$id" '^done$'
  log_has "$id" '^two$'
}

check_what_is_executed_has_the_containers_cgroup_with_runc() {
  handler=runc
  executed_has_the_cgroup
}

check_what_is_executed_has_the_containers_cgroup_with_crun() {
  handler=crun
  executed_has_the_cgroup
}

# Each command has a cgroup of its own below the container's, of which nothing stays.
executed_has_the_cgroup() {
  id=$(run_pod "exec-$handler" sleep 100000)
  crictl exec --sync "$id" cat /proc/self/cgroup | grep '^0::/crij-exec-'
  crictl exec "$id" cat /proc/self/cgroup | grep '^0::/crij-exec-'
  crictl exec "$id" sleep 77777 &
  eventually 60 pgrep -fx 'sleep 77777'
  executed=$(cat "/proc/$(pgrep -fx 'sleep 77777')/cgroup")
  [ "${executed%/*}" = "$(cat "/proc/$(init_of "$id")/cgroup")" ]
  [[ ${executed%/*} == */crij-$id.scope* ]]
  kill -KILL "$(pgrep -fx 'sleep 77777')"
  wait
  eventually 60 has_no_cgroup_below "/sys/fs/cgroup${executed#0::}"
}

has_no_cgroup_below() {
  [ -z "$(find "${1%/*}" -mindepth 1 -type d)" ]
}

check_statistics_of_version_2_are_read() {
  id=$(run_pod figures sh -c 'x=0; while [ $x -lt 200000 ]; do x=$((x + 1)); done; sleep 100000')
  eventually 120 figures_of "$id"
  crictl statsp -o json | grep >/dev/null '"usageCoreNanoSeconds"'
}

figures_of() {
  for figure in usageCoreNanoSeconds workingSetBytes rssBytes pageFaults; do
    figure "$1" $figure || return 1
  done
}

# figure ID NAME: whether it is told, and not 0.
figure() {
  crictl stats -o json "$1" | tr -d ' \n' | grep -oE "\"$2\":(\{\"value\":)?\"[1-9][0-9]*\""
}

check_a_container_out_of_memory_says_so_with_runc() {
  handler=runc
  out_of_memory
}

check_a_container_out_of_memory_says_so_with_crun() {
  handler=crun
  out_of_memory
}

out_of_memory() {
  id=$(pod_with "memory-$handler" '"memory_limit_in_bytes": 33554432' '"sh", "-c", "tail /dev/zero"')
  eventually 180 ended "$id" OOMKilled || { crictl inspect "$id"; return 1; }
  crictl inspect "$id" | grep '"exitCode": 137'
}

ended() {
  crictl inspect "$1" | grep >/dev/null "\"reason\": \"$2\""
}

check_limits_are_those_of_version_2_and_change_with_runc() {
  handler=runc
  limits_and_their_change
}

check_limits_are_those_of_version_2_and_change_with_crun() {
  handler=crun
  limits_and_their_change
}

limits_and_their_change() {
  id=$(pod_with "limits-$handler" '"memory_limit_in_bytes": 67108864, "cpu_quota": 50000, "cpu_period": 100000, "cpu_shares": 512' \
    '"sleep", "100000"')
  group=/sys/fs/cgroup$(sed 's/^0:://' "/proc/$(init_of "$id")/cgroup")
  [[ $group == */crij-$id.scope* ]]
  limits_are 67108864 "50000 100000"
  [ "$(crictl exec --sync "$id" cat /sys/fs/cgroup/memory.max)" = 67108864 ]
  eventually 60 figure "$id" availableBytes
  crictl update --memory 134217728 --cpu-quota 20000 --cpu-period 100000 "$id"
  limits_are 134217728 "20000 100000"
  # systemd puts its own back into the scope, whatever stands there.
  systemctl daemon-reload
  sleep 1
  limits_are 134217728 "20000 100000"
}

limits_are() {
  [ "$(cat "$group/memory.max")" = "$1" ]
  [ "$(cat "$group/cpu.max")" = "$2" ]
}

# A privileged container with runc is in the scope itself, may write there, and can make what crun would.
check_a_cgroup_that_a_container_makes_deceives_nobody() {
  handler=runc
  security='"privileged": true'
  pod_security=$security
  id=$(pod_with deceit '"memory_limit_in_bytes": 67108864' '"sh", "-c", "mkdir /sys/fs/cgroup/container && echo made; sleep 100000"')
  eventually 60 log_has "$id" '^made$'
  [ -d "/sys/fs/cgroup/crij.slice/crij-$id.scope/container" ]
  eventually 60 figure "$id" availableBytes
  crictl exec --sync "$id" cat /proc/self/cgroup | grep '^0::/crij-exec-'
}

check_layers_are_folders_where_the_kernel_has_no_erofs_from_files() {
  [ -n "$(find /var/lib/crij/layers -mindepth 2 -maxdepth 2 -name diff -type d)" ]
  [ -z "$(find /var/lib/crij/layers -name erofs)" ]
  # The kernel logs each attempt to mount in a way that it does not know: there is one.
  [ "$(dmesg | grep -c 'overlayfs: unrecognized mount option')" -le 1 ]
}

check_pods_leave_nothing() {
  remove_pods
  [ -z "$(crictl pods --quiet)" ]
  [ -z "$(find /sys/fs/cgroup -type d -name 'crij-*.scope')" ]
  [ -z "$(find /run/crij/sandboxes /run/crij/containers -mindepth 1)" ]
  # Folders of crijd's own are mounts for as long as it runs.
  not grep ' /run/crij/[a-z]*/' /proc/self/mountinfo
  [ -z "$(systemctl list-units --no-legend --all 'crij-*.scope')" ]
}
