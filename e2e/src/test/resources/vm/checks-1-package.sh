check_the_node_is_what_it_should_be() {
  [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]
  [ "$(cat /sys/module/apparmor/parameters/enabled)" = Y ]
  [ "$(ps -o comm= -p 1)" = systemd ]
}

check_the_package_installs_and_starts() {
  # An emulated machine on a busy host takes longer than any node.
  for unit in crij conmon-j; do
    mkdir -p /etc/systemd/system/$unit.service.d
    printf '[Service]\nTimeoutStartSec=900\n' >/etc/systemd/system/$unit.service.d/50-emulated.conf
  done
  dpkg --force-unsafe-io -i "$folder/crij-old.deb"
  active crij.service
  active conmon-j.service
  systemctl is-enabled crij.service conmon-j.service
  crijd config check
  # No warning of an AOT cache that does not fit.
  [ -z "$(journalctl --no-pager -u crij -u conmon-j | grep -iE '\[(warning|error)\]|AOT')" ]
}

check_it_says_that_the_network_is_missing_and_finds_it() {
  not ready
  install -D -m 0644 /usr/share/doc/crij/examples/10-crij.conflist /etc/cni/net.d/10-crij.conflist
  eventually 120 ready
  crij status
}

check_images_come_from_a_registry() {
  docker-registry serve "$folder/registry.yml" >"$work/registry.log" 2>&1 &
  disown
  cp -r "$folder/certs.d/." /etc/crij/certs.d/
  # The one that it has.
  printf '[crij.image]\npause_image = "registry.k8s.io/pause:3.9"\n' >/etc/crij/crij.toml.d/50-registry.toml
  systemctl reload crij.service
  eventually 120 crictl pull docker.io/library/busybox:latest
  crictl images | grep busybox
}
