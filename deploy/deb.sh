#!/usr/bin/env bash
# Makes a Debian package of dist/, which `make build` leaves, and prints its path.
# usage: deb.sh [VERSION]   (that of pom.xml by default)
set -euo pipefail
cd "$(dirname "$0")/.."
. build/tools.sh
crij_find_jdk
crij_install dpkg-shlibdeps dpkg-dev

version=${1:-$(sed -n 's|^  <version>\(.*\)</version>|\1|p' pom.xml)}
architecture=$(dpkg --print-architecture)
out=deploy/target/crij_${version}_$architecture.deb
tree=$(mktemp -d deploy/target/deb.XXXXXX)
trap 'rm -rf "$tree"' EXIT
chmod 0755 "$tree"
programs=$tree/usr/lib/crij/package

# The modules of dist/jre are named in dist.sh: a library that wants another one must not go unseen.
check_modules() {
  local wanted present missing
  wanted=$("$JAVA_HOME/bin/jdeps" --multi-release 25 --ignore-missing-deps -s dist/lib/*.jar |
    grep -oP -- '-> \K(java|jdk)\.[a-z.]+' | sort -u)
  present=$(dist/jre/bin/java --list-modules | cut -d@ -f1 | sort)
  # Those are used only where they are present.
  missing=$(comm -23 <(echo "$wanted") <(echo "$present") | grep -vxE 'java\.desktop|jdk\.jfr|(java|jdk)\.management' || true)
  [ -z "$missing" ] || crij_missing "from the Java run time what the libraries need" "${missing//$'\n'/, }"
}

# The library packages that the programs are linked with, with their least versions.
libraries() {
  local work
  work=$(mktemp -d)
  mkdir "$work/debian"
  printf 'Source: crij\n\nPackage: crij\nArchitecture: any\n' >"$work/debian/control"
  (
    root=$PWD
    cd "$work"
    find "$root/dist/jre" "$root/dist/lib/native" -type f \( -name '*.so' -o -path '*/bin/*' \) -print0 |
      xargs -0 dpkg-shlibdeps -O --ignore-missing-info "-l$root/dist/jre/lib" "-l$root/dist/jre/lib/server" 2>/dev/null |
      sed -n 's/^shlibs:Depends=//p'
  )
  rm -r "$work"
}

# install_files FOLDER FILE...
install_files() {
  local folder=$1
  shift
  install -d "$tree/$folder"
  install -m 0644 "$@" "$tree/$folder"
}

# put_files: everything but the package's own description.
put_files() {
  install -d "$programs" "$tree"/usr/{bin,sbin} "$tree"/etc/crij/{crij.toml.d,certs.d}
  # The times stay: an AOT cache is good for jars of the times it was made with.
  cp -a dist/{bin,lib,jre} "$programs"
  ln -s ../lib/crij/bin/crij "$tree/usr/bin/crij"
  ln -s ../lib/crij/bin/crijd "$tree/usr/sbin/crijd"
  ln -s ../lib/crij/bin/conmon-j "$tree/usr/sbin/conmon-j"
  install_files lib/systemd/system deploy/systemd/*.service
  install_files etc/crij deploy/deb/crij.toml
  install_files usr/share/doc/crij deploy/deb/copyright docs/*.md
  install_files usr/share/doc/crij/examples deploy/node/* deploy/cni/*
  install_files usr/share/man/man1 deploy/man/*.1
  install_files usr/share/man/man8 deploy/man/*.8
  gzip -9n "$tree"/usr/share/man/*/*
  install -d "$tree/usr/share/bash-completion/completions"
  dist/bin/crij completion >"$tree/usr/share/bash-completion/completions/crij"
  { echo "crij ($version) stable; urgency=medium"; echo; sed 's/^/  /' CHANGELOG.md; } |
    gzip -9n >"$tree/usr/share/doc/crij/changelog.gz"
}

describe() {
  install -d "$tree/DEBIAN"
  install -m 0755 deploy/deb/{preinst,postinst,prerm,postrm} "$tree/DEBIAN"
  install -m 0644 deploy/deb/conffiles "$tree/DEBIAN"
  local size
  size=$(du -sk --exclude=DEBIAN "$tree" | cut -f1)
  sed -e "s|@VERSION@|$version|" -e "s|@ARCHITECTURE@|$architecture|" -e "s|@SIZE@|$size|" \
    -e "s/@LIBRARIES@/$(libraries)/" deploy/deb/control >"$tree/DEBIAN/control"
  (cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
}

[ ! -L dist/jre ] || crij_missing "a Java run time of our own in dist/jre" "use a JDK that jlink can link from"
check_modules
put_files
describe
# A level that takes seconds. No time of a build in the past: files would get it.
env -u SOURCE_DATE_EPOCH dpkg-deb --root-owner-group -Zzstd -z5 --build "$tree" "$out" >&2
echo "$out"
