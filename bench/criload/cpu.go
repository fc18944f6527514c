package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The CPU time of processes from now on, with all that they start, whoever waits for that: monitors, OCI runtime, plugins
// and containers, also when they have ended. Nothing else that runs on the machine is counted.
type cpuCounter []int

// countCPU counts for the processes and their threads: perf_event_open(2), the task clock, inherited.
func countCPU(pids []string) (cpuCounter, error) {
	var counter cpuCounter
	for _, pid := range pids {
		threads, _ := filepath.Glob("/proc/" + pid + "/task/[0-9]*")
		for _, thread := range threads {
			id, _ := strconv.Atoi(filepath.Base(thread))
			attributes := unix.PerfEventAttr{
				Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_TASK_CLOCK, Bits: unix.PerfBitInherit,
			}
			attributes.Size = uint32(unsafe.Sizeof(attributes))
			fd, err := unix.PerfEventOpen(&attributes, id, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
			if err == unix.ESRCH {
				continue
			}
			if err != nil {
				counter.close()
				return nil, fmt.Errorf("count the CPU time of %s: %w", thread, err)
			}
			counter = append(counter, fd)
		}
	}
	return counter, nil
}

// seconds since it was made.
func (c cpuCounter) seconds() float64 {
	nanos := uint64(0)
	for _, fd := range c {
		var value [8]byte
		if n, err := unix.Read(fd, value[:]); err == nil && n == len(value) {
			nanos += binary.NativeEndian.Uint64(value[:])
		}
	}
	return float64(nanos) / 1e9
}

func (c cpuCounter) close() {
	for _, fd := range c {
		unix.Close(fd)
	}
}

func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	return string(text)
}
