// monitor: container monitors side by side: what logging costs, how long a line takes, what a container weighs.
module crij.io/bench/monitor

go 1.26.0

require google.golang.org/protobuf v1.36.12-0.20260120151049-f2248ac996af
