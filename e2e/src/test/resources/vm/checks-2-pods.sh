check_a_pod_is_a_slice_and_its_container_a_scope() {
  id=$(run_pod slices sh -c 'cat /proc/self/cgroup; sleep 100000')
  eventually 60 log_has "$id" '^0::/'
  scope=/sys/fs/cgroup/crij.slice/crij-$id.scope
  [ -d "$scope" ]
  [ "$(wc -l <"$scope/cgroup.procs")" -ge 1 ]
  systemctl is-active "crij-$id.scope"
  systemctl show --property Delegate "crij-$id.scope" | grep yes
}

check_statistics_of_version_2_are_read() {
  id=$(run_pod figures sh -c 'x=0; while [ $x -lt 200000 ]; do x=$((x + 1)); done; sleep 100000')
  eventually 120 figures_of "$id"
  crictl statsp -o json | grep -q '"usageCoreNanoSeconds"'
}

figures_of() {
  local json
  json=$(crictl stats -o json "$1")
  for figure in usageCoreNanoSeconds workingSetBytes rssBytes pageFaults usedBytes; do
    echo "$json" | tr -d ' \n' | grep -oE "\"$figure\":(\{\"value\":)?\"[1-9][0-9]*\"" || return 1
  done
}

check_a_container_out_of_memory_says_so() {
  id=$(pod_with memory '"memory_limit_in_bytes": 33554432' '"sh", "-c", "tail /dev/zero"')
  eventually 180 ended "$id" OOMKilled
  crictl inspect "$id" | grep '"exitCode": 137'
}

ended() {
  crictl inspect "$1" | grep -q "\"reason\": \"$2\""
}

check_limits_are_those_of_version_2_and_change() {
  id=$(pod_with limits '"memory_limit_in_bytes": 67108864, "cpu_quota": 50000, "cpu_period": 100000, "cpu_shares": 512' \
    '"sleep", "100000"')
  scope=$(find /sys/fs/cgroup -type d -name "crij-$id.scope")
  [ "$(cat "$scope/memory.max")" = 67108864 ]
  [ "$(cat "$scope/cpu.max")" = "50000 100000" ]
  [ "$(cat "$scope/memory.oom.group")" = 0 ] || cat "$scope/memory.oom.group"
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
  [ -z "$(ls /run/crij/sandboxes /run/crij/containers | grep -v : | tr -d '\n')" ]
  ! grep /run/crij/ /proc/self/mountinfo
  [ -z "$(systemctl list-units --no-legend --all 'crij-*.scope')" ]
}
