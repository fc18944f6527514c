#!/usr/bin/env bash
# test.sh all: builds and runs every test. test.sh soak: the soak tests alone, in full. test.sh kubernetes, test.sh vm,
# test.sh handlers: those with a real Kubernetes, in a virtual machine, and with every OCI runtime, which `all` leaves out.
# test.sh PATTERN: the acceptance tests of that name alone.
# Installs what they need. The last line says how it went.
set -euo pipefail
cd "$(dirname "$0")/.."
. build/tools.sh
what=$1
started=$SECONDS

[ "$(id -u)" = 0 ] || crij_missing "the right to do this" "run it as root: the tests mount, and make namespaces and cgroups"
build/node-needs.sh
# What the tests call beside what a node has anyway. They name the OCI runtimes by Debian's path.
crij_install /usr/sbin/runc runc
crij_install /usr/bin/crun crun
crij_install /usr/lib/cni/bridge containernetworking-plugins
crij_install /usr/bin/busybox busybox
crij_install docker-registry docker-registry
crij_install skopeo skopeo
crij_install curl curl
crij_install openssl openssl
crij_install mkfs.ext4 e2fsprogs
crij_install /usr/share/zoneinfo/Europe/Berlin tzdata
crij_find_jdk
crij_find_maven
goTools=$(build/go-tools.sh)
debFiles=$(build/deb-files.sh)
build/fsck-erofs.sh >/dev/null
make --no-print-directory build
package=$PWD/$(deploy/deb.sh)

arguments=("-Dcrij.go-tools=$goTools" "-Dcrij.deb-files=$debFiles" "-Dcrij.deb=$package" "-Dcrij.critest.focus=$CRITEST_FOCUS"
  "-Dcrij.critest.skip=$CRITEST_SKIP")
some=(-Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false -Dtest=None)
case $what in
  all) ;;
  kubernetes)
    kubernetes=$(build/kubernetes.sh)
    arguments+=("${some[@]}" -pl e2e -am "-Dit.test=io.crij.e2e.kubernetes.$KUBERNETES" -Dcrij.test.without=
      "-Dcrij.kubernetes=$kubernetes")
    ;;
  handlers)
    handlerTools=$(build/handler-tools.sh)
    arguments+=("${some[@]}" -pl e2e -am '-Dit.test=io.crij.e2e.handlers.*KernelTest' -Dcrij.test.without=
      "-Dcrij.handler-tools=$handlerTools")
    ;;
  vm)
    crij_install qemu-system-x86_64 qemu-system-x86
    image=$(build/vm-image.sh)
    newer=$PWD/$(deploy/deb.sh 0.1.1)
    arguments+=("${some[@]}" -pl e2e -am '-Dit.test=io.crij.e2e.vm.*KernelTest' -Dcrij.test.without=
      "-Dcrij.vm-image=$image" "-Dcrij.deb.newer=$newer")
    ;;
  soak) arguments+=("${some[@]}" '-Dit.test=*SoakKernelTest' -Dcrij.soak=full -Dcrij.test.timeouts=disabled) ;;
  *) arguments+=("${some[@]}" -pl e2e -am "-Dit.test=io.crij.e2e.$what") ;;
esac
# Reports of an earlier run must not be counted.
find . -path '*/target/*-reports/*.xml' -delete
rm -f e2e/target/critest.log
status=0
"$MVN" verify "${arguments[@]}" || status=$?

# count NAME: the sum of an attribute over the reports of all test classes; 0 without any.
count() {
  find . -path '*/target/*-reports/TEST-*.xml' -exec cat {} + |
    awk -v name=" $1=\"" '/<testsuite / { if (i = index($0, name)) sum += substr($0, i + length(name)) + 0 } END { print sum + 0 }'
}
# The log holds what containers wrote, in bytes of any kind.
suite=$(grep -aoE '[0-9]+ Passed .*Skipped' e2e/target/critest.log 2>/dev/null | tail -n 1) || suite="not run"
figures="$(count tests) tests, $(count failures) failures, $(count errors) errors, $(count skipped) skipped; critest: $suite"
took="$(((SECONDS - started) / 60)) min $(((SECONDS - started) % 60)) s"
if [ "$status" = 0 ]; then
  echo "crij: ALL TESTS PASSED ($figures) in $took"
else
  echo "crij: TESTS FAILED ($figures) in $took"
fi
exit "$status"
