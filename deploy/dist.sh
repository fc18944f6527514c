#!/usr/bin/env bash
# Makes dist/ of the jars that Maven left in deploy/target/lib: programs, jars, native libraries, a Java run time with
# the modules we need, and an AOT cache for each program. Does nothing when nothing has changed.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/tools.sh
crij_find_jdk

jars=deploy/target/lib
dist=dist
# What jdeps finds, without java.desktop and jdk.jfr, which libraries use only if present; java.net.http for registries,
# jdk.management for dumps of threads and heap.
modules=java.base,java.logging,java.naming,java.net.http,java.sql,jdk.management,jdk.unsupported,jdk.zipfs

stamp() {
  cat "$JAVA_HOME/release" deploy/dist.sh deploy/train.sh deploy/train/* deploy/bin/* deploy/lib/* deploy/systemd/*
  (cd $jars && sha256sum -- *.jar)
}

jre() {
  rm -rf $dist/jre
  "$JAVA_HOME/bin/jlink" --add-modules $modules --output $dist/jre --strip-java-debug-attributes \
    --no-header-files --no-man-pages --generate-cds-archive >/dev/null && return
  echo "crij: jlink cannot link from $JAVA_HOME; the programs use it as it is" >&2
  rm -rf $dist/jre
  ln -s "$JAVA_HOME" $dist/jre
}

# unpack JAR PATH-IN-JAR
unpack() {
  (cd $dist/lib/native && "$JAVA_HOME/bin/jar" --extract --file "../$(basename "$1")" "$2" && mv "$2" . && rm -r "${2%%/*}")
}

# So that nothing is unpacked to /tmp at each start.
natives() {
  local machine jna sqlite netty zstd library
  machine=$(uname -m)
  case $machine in
    x86_64) jna=linux-x86-64 sqlite=x86_64 netty=x86_64 zstd=amd64 ;;
    aarch64) jna=linux-aarch64 sqlite=aarch64 netty=aarch_64 zstd=aarch64 ;;
    *) crij_missing "support for $machine" "CRI-J runs on x86_64 and aarch64" ;;
  esac
  unpack $dist/lib/jna-*.jar com/sun/jna/$jna/libjnidispatch.so
  unpack $dist/lib/sqlite-jdbc-*.jar org/sqlite/native/Linux/$sqlite/libsqlitejdbc.so
  library=lib$(basename $dist/lib/zstd-jni-*.jar .jar).so
  unpack $dist/lib/zstd-jni-*.jar "linux/$zstd/$library"
  mv "$dist/lib/native/$library" $dist/lib/native/libzstd-jni.so
  unpack $dist/lib/netty-transport-native-epoll-*-linux-$netty.jar \
    META-INF/native/libnetty_transport_native_epoll_$netty.so
}

main() {
  local new
  new=$(stamp | sha256sum)
  if [ -f $dist/.stamp ] && [ "$new" = "$(cat $dist/.stamp)" ]; then
    return
  fi
  rm -rf $dist
  mkdir -p $dist/bin $dist/lib/native $dist/systemd
  cp deploy/systemd/* $dist/systemd/
  cp deploy/bin/* $dist/bin/
  cp deploy/lib/* $jars/*.jar $dist/lib/
  natives
  jre
  bash deploy/train.sh $dist
  echo "$new" >$dist/.stamp
}

main
