# Sourced by the programs in ../bin, which set "program" and "home".
#
# The JVM refuses an AOT cache that was made with other flags, so the flags are fixed here and there, and whoever
# gives others by the JVM's own variables runs without the cache.

java=$home/jre/bin/java
# Whatever of our libraries is native lies unpacked in lib/native: nothing is unpacked to /tmp at each start.
java_flags="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError -Xss512k
  -XX:TrimNativeHeapInterval=30000 -Xlog:disable -Xlog:all=warning:stderr
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
aot=
if [ -f "$home/lib/$program.aot" ] && [ -z "${JDK_JAVA_OPTIONS:-}${JAVA_TOOL_OPTIONS:-}${_JAVA_OPTIONS:-}" ]; then
  aot=-XX:AOTCache=$home/lib/$program.aot
fi
