check_a_removal_ends_pods_and_programs() {
  # The suite may have removed it.
  crictl pull docker.io/library/busybox:latest
  id=$(run_pod last sleep 100000)
  running "$id"
  dpkg -r crij | tee "$work/removal"
  grep 'stay in /var/lib/crij' "$work/removal"
  not pgrep -f /usr/lib/crij/
  not pgrep -f 'sleep 100000'
  not grep -E '/run/crij|/var/lib/crij' /proc/self/mountinfo
  [ ! -e /run/crij ]
  [ ! -e /usr/lib/crij ]
  [ -e /etc/crij/crij.toml ]
  eventually 30 no_cgroups
  [ -d /var/lib/crij ]
  not grep '^crij-default ' /sys/kernel/security/apparmor/profiles
}

no_cgroups() {
  [ -z "$(find /sys/fs/cgroup -type d -name 'crij*')" ]
}

check_a_purge_leaves_nothing() {
  dpkg -P crij
  [ ! -e /var/lib/crij ]
  [ ! -e /etc/crij ]
  [ -z "$(systemctl list-unit-files --no-legend 'crij*' 'conmon-j*')" ]
}
