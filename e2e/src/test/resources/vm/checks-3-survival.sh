COUNT='i=0; while :; do i=$((i + 1)); echo $i; sleep 0.05; done'

check_crijd_killed_comes_back() {
  id=$(run_pod counts sh -c "$COUNT")
  echo "$id" >"$work/counting"
  grows "$id"
  crijd=$(pid_of crij.service)
  kill -KILL "$crijd"
  eventually 120 other_pid crij.service "$crijd"
  eventually 120 ready
  running "$id"
  grows "$id"
  numbers "$id"
}

check_conmon_j_killed_comes_back_with_its_descriptors() {
  id=$(cat "$work/counting")
  terminal=$(pod_with tty '' '"sh"' '"tty": true, "stdin": true,')
  monitor=$(pid_of conmon-j.service)
  [ "$(systemctl show --property NFileDescriptorStore --value conmon-j.service)" -gt 0 ]
  kill -KILL "$monitor"
  eventually 120 other_pid conmon-j.service "$monitor"
  eventually 120 ready
  grows "$id"
  running "$id"
  running "$terminal"
}

# This kernel's pidfds do not tell exit codes: what ends while nobody is its parent has none, and its status says so.
check_an_end_that_no_monitor_saw_is_told_as_such() {
  id=$(run_pod ends sh -c 'trap "exit 7" TERM; while :; do sleep 0.2; done')
  eventually 60 running "$id"
  monitor=$(pid_of conmon-j.service)
  init=$(init_of "$id")
  kill -STOP "$(pid_of crij.service)"
  kill -KILL "$monitor"
  kill -TERM "$init"
  eventually 60 gone "$init"
  kill -CONT "$(pid_of crij.service)"
  eventually 120 not_running "$id"
  crictl inspect "$id" | grep '"exitCode": 255'
  crictl inspect "$id" | grep '"reason": "MonitorLost"'
}

gone() {
  not kill -0 "$1"
}

not_running() {
  not running "$1"
}

check_both_restart_as_units() {
  id=$(cat "$work/counting")
  systemctl restart crij.service conmon-j.service
  eventually 120 ready
  running "$id"
  grows "$id"
}

check_reload_takes_a_setting_up_and_refuses_a_bad_one() {
  printf '[crij.runtime]\nlog_level = "debug"\n' >/etc/crij/crij.toml.d/50-test.toml
  systemctl reload crij.service
  eventually 30 journal_has 'log_level'
  echo 'nonsense' >/etc/crij/crij.toml.d/50-test.toml
  systemctl reload crij.service || true
  eventually 30 journal_has '50-test.toml'
  active crij.service
  rm /etc/crij/crij.toml.d/50-test.toml
  systemctl reload crij.service
}

journal_has() {
  journalctl --no-pager -u crij | grep >/dev/null "$1"
}

check_the_watchdog_ends_a_crijd_that_hangs() {
  id=$(cat "$work/counting")
  crijd=$(pid_of crij.service)
  kill -STOP "$crijd"
  eventually 240 other_pid crij.service "$crijd"
  eventually 120 ready
  running "$id"
}
