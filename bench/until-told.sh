# Sourced by the benchmarks after they have set `trap finish EXIT`: until_told runs the program that measures. When this script is
# told to end, by timeout(1), a terminal or its session, that program is ended first, by its pid, and then all is cleared up.
measuring=

end() {
  trap '' TERM INT HUP
  [ -z "$measuring" ] || kill -TERM "$measuring" 2>/dev/null || true
  [ -z "$measuring" ] || wait "$measuring" || true
  exit "$1"
}
trap 'end 143' TERM
trap 'end 130' INT
trap 'end 129' HUP

# In the background: a trap waits for what is in the foreground.
until_told() {
  local status=0
  "$@" &
  measuring=$!
  wait "$measuring" || status=$?
  measuring=
  return "$status"
}
