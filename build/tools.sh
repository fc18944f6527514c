# Sourced by the Makefile's recipes and by scripts: finds the tools that the build needs, or says what to install.
# Sets JAVA_HOME (a JDK 25), MVN (Maven 3.9), PATH (Go), CRIJ_CACHE (what is fetched or built once).

CRIJ_MAVEN_VERSION=3.9.16
CRIJ_CACHE=${CRIJ_CACHE:-${HOME:-/root}/.cache/crij}
# Who became root by a plain `su` has no sbin in the PATH; runc, iptables and apt-get's own helpers are there.
export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
mkdir -p "$CRIJ_CACHE"

crij_missing() {
  echo "crij: $1 is missing: $2" >&2
  exit 1
}

crij_is_jdk25() {
  [ -x "$1/bin/javac" ] && "$1/bin/javac" -version 2>&1 | grep -Eq '^javac (2[5-9]|[3-9][0-9])'
}

crij_find_jdk() {
  local home compiler
  compiler=$(readlink -f "$(command -v javac)" || true)
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* /usr/lib/jvm/* /opt/*jdk* "${HOME:-/root}"/.sdkman/candidates/java/* \
    "${compiler%/bin/javac}"; do
    if [ -n "$home" ] && crij_is_jdk25 "$home"; then
      JAVA_HOME=$home
      export JAVA_HOME
      return
    fi
  done
  crij_missing "a JDK 25" "install Temurin 25 (for example to /usr/lib/jvm), or set JAVA_HOME to one"
}

crij_find_maven() {
  MVN=$CRIJ_CACHE/maven/apache-maven-$CRIJ_MAVEN_VERSION/bin/mvn
  export MVN
  [ -x "$MVN" ] && return
  # Debian's Maven is older than the build's plugins ask for: it fetches a newer one. In a folder of its own, because the
  # plugin notes below target/ what it has unpacked, and would not unpack it again where the cache was emptied.
  crij_install mvn maven
  local folder
  folder=$(mktemp -d)
  (cd "$folder" && mvn -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack \
    "-Dartifact=org.apache.maven:apache-maven:$CRIJ_MAVEN_VERSION:zip:bin" "-DoutputDirectory=$CRIJ_CACHE/maven") >&2 || true
  rm -rf "$folder"
  [ -x "$MVN" ] || crij_missing "Maven $CRIJ_MAVEN_VERSION" "Maven Central did not answer"
}

# From 1.21 on, a Go that is older than what a go.mod asks for fetches a newer one by itself.
crij_is_go() {
  [ -x "$1" ] && "$1" version 2>/dev/null | grep -Eq ' go1\.(2[1-9]|[3-9][0-9])'
}

# Debian's own Go is too old, so that in the PATH need not be the one.
crij_find_go() {
  local bin
  for bin in "$(dirname "$(command -v go || echo /usr/bin/go)")" /usr/local/go/bin "${HOME:-/root}"/{go,.local/go,sdk/go*}/bin \
    /usr/lib/go*/bin; do
    if crij_is_go "$bin/go"; then
      export PATH=$bin:$PATH
      return
    fi
  done
  crij_missing "Go" "install Go 1.26 or newer to /usr/local/go (the tests build crictl and critest with it)"
}

# Debian's own Cargo is too old for the OCI runtime that it is wanted for.
crij_find_cargo() {
  local bin
  for bin in "$(dirname "$(command -v cargo || echo /usr/bin/cargo)")" "${CARGO_HOME:-${HOME:-/root}/.cargo}/bin" /usr/local/cargo/bin; do
    if [ -x "$bin/cargo" ] && "$bin/cargo" --version 2>/dev/null | grep -Eq '^cargo (1\.(8[5-9]|9[0-9]|[1-9][0-9]{2})|[2-9])'; then
      export PATH=$bin:$PATH
      return
    fi
  done
  crij_missing "Rust" "install Rust 1.85 or newer by rustup (the tests of OCI runtimes build youki with it)"
}

# apt-get, with its lists refreshed where there are none, as on a machine just installed, or where they are too old.
crij_apt() {
  export DEBIAN_FRONTEND=noninteractive
  { ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 && apt-get "$@" >&2; } ||
    { apt-get update -q >&2 && apt-get "$@" >&2; }
}

# crij_install COMMAND-OR-FILE PACKAGE: installs a package unless what it brings is there.
crij_install() {
  command -v "$1" >/dev/null || [ -e "$1" ] && return
  [ "$(id -u)" = 0 ] || crij_missing "$1" "apt-get install $2"
  command -v apt-get >/dev/null || crij_missing "$1" "install it with this distribution's package manager"
  echo "crij: installing $2" >&2
  crij_apt install -y -q --no-install-recommends "$2" || crij_missing "$1" "apt-get install $2 failed"
}
