# Sourced by the programs in ../bin, which set "program" and "home".
#
# An AOT cache is good for the flags it was made with, so the flags are fixed here and there, and whoever adds others
# by the JVM's own variables, as deploy/train.sh does, runs without it. A cache that does not fit (jars with new times,
# a file cut short) costs a line on stderr, and the program starts without it.

# Where a node has a mount namespace for Kubernetes (kubens.service) the servers go there, and so does all that they mount.
if [ "$program" != crij ] && [ -n "${KUBENSMNT:-}" ]; then
  namespace=$KUBENSMNT
  unset KUBENSMNT
  exec nsenter --mount="$namespace" --wd="$PWD" -- "$home/bin/$program" "$@"
fi

java=$home/jre/bin/java
# ArchiveRelocationMode: an AOT cache that is not moved stays the file's pages, which cost nothing when they are not used;
# there is no code in it.
# MaxFDLimit off: the programs raise their limit of open files themselves, and know which one to give to others.
java_flags="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError -Xss512k -XX:-MaxFDLimit
  -XX:TrimNativeHeapInterval=30000 -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 -Xlog:disable -Xlog:all=warning:stderr
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
aot=
if [ -f "$home/lib/$program.aot" ] && [ -z "${JDK_JAVA_OPTIONS:-}${JAVA_TOOL_OPTIONS:-}${_JAVA_OPTIONS:-}" ]; then
  aot=-XX:AOTCache=$home/lib/$program.aot
fi
