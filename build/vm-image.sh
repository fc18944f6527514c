#!/usr/bin/env bash
# Makes a Debian 12 for a virtual machine and prints its folder: root.ext4, vmlinuz and initrd.img. systemd is its init, it
# has Debian's kernel for clouds and what a node needs beside CRI-J, and it runs /payload/main.sh of its second disk and then
# ends. Packages come from where this machine's apt gets them. Made once for each version of this file.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/tools.sh
crij_install mmdebstrap mmdebstrap
crij_install mkfs.ext4 e2fsprogs

release=bookworm
packages=(
  linux-image-cloud-amd64 initramfs-tools systemd-sysv dbus udev kmod apparmor procps
  runc crun containernetworking-plugins iptables nftables iproute2 libisal2 libssl3
  docker-registry busybox-static
)

# What of this machine's sources is of that release, with apt's settings of how to fetch.
bootstrap() {
  local sources=$out/sources.list settings=$out/apt.conf
  apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v release="$release" '$2 ~ "^" release { print "deb", $1, $2, $3 }' | sort -u >"$sources"
  [ -s "$sources" ] || crij_missing "a source of Debian 12" "name one in /etc/apt/sources.list"
  apt-config dump --format '%F "%v";%n' Acquire >"$settings"
  nice -n 10 mmdebstrap --quiet --variant=minbase --aptopt="$settings" --include="$(IFS=,; echo "${packages[*]}")" \
    "$release" "$out/root" "$sources" >&2
  rm "$sources" "$settings"
}

# Disks and console are virtio: the initial RAM disk needs no more, and loads faster.
small_initrd() {
  echo MODULES=list >"$out/root/etc/initramfs-tools/conf.d/modules"
  printf '%s\n' virtio_pci virtio_blk ext4 >>"$out/root/etc/initramfs-tools/modules"
  chroot "$out/root" update-initramfs -u >&2
  cp "$out"/root/boot/vmlinuz-* "$out/vmlinuz"
  cp "$out"/root/boot/initrd.img-* "$out/initrd.img"
}

configure() {
  cat >"$out/root/etc/systemd/system/payload.service" <<'END'
[Unit]
Description=What the second disk says
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'mkdir -p /payload && mount -o ro /dev/vdb /payload && exec /payload/main.sh'
TimeoutStartSec=infinity
ExecStopPost=/bin/systemctl --no-block poweroff
[Install]
WantedBy=graphical.target
END
  echo crij-vm >"$out/root/etc/hostname"
  echo '127.0.0.1 localhost crij-vm' >"$out/root/etc/hosts"
  # They only take time in a machine that lives for minutes; a registry of the tests' own is started by them, and
  # a getty would take the console from them.
  chroot "$out/root" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    fstrim.timer docker-registry.service systemd-timesyncd.service serial-getty@ttyS0.service 2>&1 >/dev/null | sed 's/^/crij: /' >&2
  chroot "$out/root" systemctl --quiet enable payload.service
}

key=$(cat build/vm-image.sh | sha256sum | cut -c1-16)
out=$CRIJ_CACHE/vm-image/$key
if [ ! -e "$out/complete" ]; then
  [ "$(id -u)" = 0 ] || crij_missing "the right to do this" "run it as root"
  echo "crij: making a Debian for a virtual machine, once" >&2
  rm -rf --one-file-system "$out"
  mkdir -p "$out"
  bootstrap
  configure
  small_initrd
  mkfs.ext4 -q -L root -d "$out/root" "$out/root.ext4" 6G >&2
  rm -rf --one-file-system "$out/root"
  touch "$out/complete"
fi
echo "$out"
