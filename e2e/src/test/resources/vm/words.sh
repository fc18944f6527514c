# Sourced before each check: what several of them do.

# eventually SECONDS COMMAND…: until it succeeds; emulated processors are slow, so limits are long.
eventually() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $deadline ] || { echo "not in time: $*"; return 1; }
    sleep 0.5
  done
}

# not COMMAND…: a shell does not end at a command that fails behind an exclamation mark.
not() {
  if "$@"; then return 1; fi
}

# crictl, not crij: a program of Go starts in an emulated machine in a second, a Java one in a minute.
running() {
  [ -n "$(crictl ps --quiet --id "$1" --state running)" ]
}

# run_pod NAME COMMAND…: prints the container's id.
run_pod() {
  local name=$1
  shift
  pod_with "$name" '' "$(printf '"%s", ' "${@//\"/\\\"}" | sed 's/, $//')"
}

# pod_with NAME RESOURCES COMMAND [MORE]: COMMAND and RESOURCES as in JSON, MORE fields of the container's configuration.
# $handler: the pod's, if not the default; $security: fields of the container's security context; $pod_security: of the pod's.
pod_with() {
  cat >"$work/pod.json" <<END
{"metadata": {"name": "$1", "namespace": "default", "uid": "$1"}, "log_directory": "/var/log/pods/$1",
 "linux": {"security_context": {${pod_security:-}}}}
END
  cat >"$work/container.json" <<END
{"metadata": {"name": "main"}, "image": {"image": "docker.io/library/busybox:latest"}, "command": [$3], "log_path": "main.log",
 ${4:-} "linux": {"resources": {$2}, "security_context": {${security:-}}}}
END
  crictl run --no-pull ${handler:+--runtime "$handler"} "$work/container.json" "$work/pod.json" >&2
  crictl ps --all --quiet --no-trunc --pod "$(crictl pods --quiet --no-trunc --name "^$1\$")"
}

init_of() {
  crictl inspect -o go-template --template '{{.info.pid}}' "$1"
}

# log_of ID: the text of its lines, as the CRI has them in the file.
log_of() {
  cut -d ' ' -f 4- "$(crictl inspect -o go-template --template '{{.status.logPath}}' "$1")"
}

log_has() {
  log_of "$1" | grep >/dev/null "$2"
}

# remove_pods: so that a check's pods do not disturb the next.
remove_pods() {
  crictl rmp --force --all
}

# numbers ID: whether a container's log holds the numbers from 1 on, each once and in order.
numbers() {
  log_of "$1" | grep -E '^[0-9]+$' | awk '$1 != NR { print "line " NR " is " $1; exit 1 }'
}

lines() {
  log_of "$1" | wc -l
}

grows() {
  local before
  before=$(lines "$1")
  eventually 120 more_than "$1" "$before"
}

more_than() {
  [ "$(lines "$1")" -gt "$2" ]
}

pid_of() {
  systemctl show --property MainPID --value "$1"
}

active() {
  [ "$(systemctl is-active "$1")" = active ]
}

# other_pid UNIT PID: whether the unit runs as another process.
other_pid() {
  active "$1" && [ "$(pid_of "$1")" != "$2" ] && [ "$(pid_of "$1")" != 0 ]
}

ready() {
  [[ $(conditions) == *RuntimeReady=true*NetworkReady=true* ]]
}

conditions() {
  crictl info -o go-template --template '{{range .status.conditions}}{{.type}}={{.status}} {{end}}'
}
