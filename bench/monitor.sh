#!/usr/bin/env bash
# Measures conmon-j against conmon in one run: logging, delay of a line beside a flood, memory (see monitor/main.go).
# Arguments go to the program. Logs are on the file system of /var/tmp. Root.
set -euo pipefail
cd "$(dirname "$0")"
. ../build/tools.sh
crij_find_go
crij_install /usr/bin/conmon conmon

(cd monitor && CGO_ENABLED=0 go build -o "$CRIJ_CACHE/bench/monitor" .)
DIR=$(mktemp -d /var/tmp/crij-monitor.XXXXXX)
finish() {
  status=$?
  set +e # each step whatever became of the others
  [ $status = 0 ] || tail -n 20 "$DIR"/*.log >&2
  # After a failure in the middle: monitors and writers, all of which have the folder in their arguments.
  pgrep -f -- "$DIR" | while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done
  rm -rf "$DIR"
}
trap finish EXIT
. ./until-told.sh
until_told "$CRIJ_CACHE/bench/monitor" --dir "$DIR" --conmon-j ../dist/bin/conmon-j --crijd ../dist/bin/crijd "$@"
