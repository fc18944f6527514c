check_a_pod_is_a_slice_and_its_container_a_scope() {
  id=$(run_pod slices sh -c 'cat /proc/self/cgroup; sleep 100000')
  eventually 60 log_has "$id" '^0::/'
  scope=/sys/fs/cgroup/crij.slice/crij-$id.scope
  [ -d "$scope" ]
  [ "$(wc -l <"$scope/cgroup.procs")" -ge 1 ]
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

executed_has_the_cgroup() {
  id=$(run_pod "exec-$handler" sleep 100000)
  [ "$(crictl exec --sync "$id" cat /proc/self/cgroup)" = 0::/ ]
  [ "$(crictl exec "$id" cat /proc/self/cgroup)" = 0::/ ]
  crictl exec "$id" sleep 77777 &
  eventually 60 pgrep -fx 'sleep 77777'
  [ "$(sed 's/^0:://' "/proc/$(pgrep -fx 'sleep 77777')/cgroup")" = "$(sed 's/^0:://' "/proc/$(init_of "$id")/cgroup")" ]
  grep -E "/crij-$id\.scope$" "/proc/$(init_of "$id")/cgroup"
  crictl rm --force "$id"
  eventually 60 not pgrep -fx 'sleep 77777'
  wait
}

check_statistics_of_version_2_are_read() {
  id=$(run_pod figures sh -c 'x=0; while [ $x -lt 200000 ]; do x=$((x + 1)); done; sleep 100000')
  eventually 120 figures_of "$id"
  crictl statsp -o json | grep >/dev/null '"usageCoreNanoSeconds"'
}

figures_of() {
  local json
  json=$(crictl stats -o json "$1")
  for figure in usageCoreNanoSeconds workingSetBytes rssBytes pageFaults; do
    echo "$json" | tr -d ' \n' | grep -oE "\"$figure\":(\{\"value\":)?\"[1-9][0-9]*\"" || return 1
  done
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
  scope=$(find /sys/fs/cgroup -type d -name "crij-$id.scope")
  [ "$(cat "$scope/memory.max")" = 67108864 ]
  [ "$(cat "$scope/cpu.max")" = "50000 100000" ]
  [ "$(crictl exec --sync "$id" cat /sys/fs/cgroup/memory.max)" = 67108864 ]
  crictl update --memory 134217728 --cpu-quota 20000 --cpu-period 100000 "$id"
  [ "$(cat "$scope/memory.max")" = 134217728 ]
  [ "$(cat "$scope/cpu.max")" = "20000 100000" ]
  # systemd knows too, and would otherwise put its own back.
  systemctl show --property MemoryMax "crij-$id.scope" | grep =134217728
  systemctl daemon-reload
  [ "$(cat "$scope/memory.max")" = 134217728 ]
}

check_layers_are_folders_where_the_kernel_has_no_erofs_from_files() {
  [ -n "$(find /var/lib/crij/layers -mindepth 2 -maxdepth 2 -name diff -type d)" ]
  [ -z "$(find /var/lib/crij/layers -name erofs)" ]
}

check_pods_leave_nothing() {
  remove_pods
  [ -z "$(crictl pods --quiet)" ]
  [ -z "$(find /sys/fs/cgroup -type d -name 'crij-*.scope')" ]
  [ -z "$(find /run/crij/sandboxes /run/crij/containers -mindepth 1)" ]
  not grep /run/crij/ /proc/self/mountinfo
  [ -z "$(systemctl list-units --no-legend --all 'crij-*.scope')" ]
}
