#!/usr/bin/env bash
# busybox-image.sh DIR: writes an OCI image layout to DIR that holds this host's busybox and a link for each applet.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/tools.sh
out=$1
crij_install busybox busybox

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{bin,dev,etc,proc,root,sys,tmp,usr/bin,var}
chmod 1777 "$tree/tmp"
program=$(command -v busybox)
install -m 0755 "$program" "$tree/bin/busybox"
# A dynamic busybox needs its libraries where it looks for them.
{ ldd "$program" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r library; do
  install -D -m 0755 "$(realpath "$library")" "$tree$library"
done
"$program" --list | while read -r applet; do
  [ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"
done
echo 'root:x:0:0:root:/root:/bin/sh' >"$tree/etc/passwd"
echo 'root:x:0:' >"$tree/etc/group"

mkdir -p "$out/blobs/sha256"
# add FILE: moves a file to its place among the blobs and prints its digest.
add() {
  local digest
  digest=$(sha256sum "$1" | cut -d' ' -f1)
  mv "$1" "$out/blobs/sha256/$digest"
  echo "$digest"
}
size() {
  stat -c %s "$out/blobs/sha256/$1"
}
case $(uname -m) in
  aarch64) architecture=arm64 ;;
  *) architecture=amd64 ;;
esac
tar -C "$tree" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf "$out/layer" .
layer=$(add "$out/layer")
cat >"$out/config" <<END
{"architecture":"$architecture","os":"linux","config":{"Env":["PATH=/bin:/usr/bin"],"Cmd":["sh"]},
"rootfs":{"type":"layers","diff_ids":["sha256:$layer"]}}
END
config=$(add "$out/config")
cat >"$out/manifest" <<END
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:$config","size":$(size "$config")},
"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:$layer","size":$(size "$layer")}]}
END
manifest=$(add "$out/manifest")
cat >"$out/index.json" <<END
{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",
"digest":"sha256:$manifest","size":$(size "$manifest")}]}
END
echo '{"imageLayoutVersion":"1.0.0"}' >"$out/oci-layout"
