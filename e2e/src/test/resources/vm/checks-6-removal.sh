check_a_removal_ends_pods_and_programs() {
  id=$(run_pod last sleep 100000)
  running "$id"
  dpkg -r crij | tee "$work/removal"
  grep 'stay in /var/lib/crij' "$work/removal"
  ! pgrep -f /usr/lib/crij/
  ! pgrep -f 'sleep 100000'
  ! grep -E '/run/crij|/var/lib/crij' /proc/self/mountinfo
  [ ! -e /run/crij ]
  [ ! -e /usr/lib/crij ]
  [ -e /etc/crij/crij.toml ]
  [ -z "$(find /sys/fs/cgroup -type d -name 'crij*')" ] || find /sys/fs/cgroup -type d -name 'crij*'
  [ -d /var/lib/crij ]
}

check_a_purge_leaves_nothing() {
  dpkg -P crij
  [ ! -e /var/lib/crij ]
  [ ! -e /etc/crij ]
  [ -z "$(systemctl list-unit-files --no-legend 'crij*' 'conmon-j*')" ]
}
