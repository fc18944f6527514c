package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// USER_HZ on every Linux that Go runs on.
const ticksPerSecond = 100

// cpu is what a process and its children that were waited for have used: fields 14 to 17 of /proc/PID/stat.
func cpu(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+2:]))
	ticks := 0
	for _, field := range fields[11:15] {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

// fewOthers is how much of one processor others may use beside a measurement that counts.
const fewOthers = 0.1

// busy is what all processors together have spent on anything, time stolen by the host included.
func busy() (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	// user nice system idle iowait irq softirq steal: proc_stat(5).
	ticks := 0
	for i, field := range strings.Fields(line)[1:9] {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		if i != 3 && i != 4 {
			ticks += n
		}
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

// quiet waits until next to nothing runs.
func quiet() error {
	const look = 200 * time.Millisecond
	for range 3000 {
		before, err := busy()
		if err != nil {
			return err
		}
		time.Sleep(look)
		after, err := busy()
		if err != nil {
			return err
		}
		if (after - before).Seconds() < fewOthers*look.Seconds() {
			return nil
		}
	}
	return fmt.Errorf("the machine is not quiet after 10 minutes")
}

// othersThan begins to measure what all but these processes use; the function it returns tells.
func othersThan(pids ...int) func() (time.Duration, error) {
	read := func() (time.Duration, error) {
		rest, err := busy()
		for _, pid := range pids {
			used, failure := cpu(pid)
			rest -= used
			err = errors.Join(err, failure)
		}
		return rest, err
	}
	before, failure := read()
	return func() (time.Duration, error) {
		after, err := read()
		return after - before, errors.Join(failure, err)
	}
}

// prefer gives the sessions of processes, each of which is a task group of its own, more of the processors than others
// on the machine get, if nice is below 0: autogroup(…) of sched(7).
func prefer(nice int, pids ...int) error {
	if nice == 0 {
		return nil
	}
	for _, pid := range pids {
		if err := os.WriteFile(fmt.Sprintf("/proc/%d/autogroup", pid), []byte(strconv.Itoa(nice)), 0); err != nil {
			return err
		}
	}
	return nil
}

// pss is a process's share of the memory in use, in KiB.
func pss(pid int) (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	for _, line := range strings.Split(string(text), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Pss:" {
			return strconv.Atoi(fields[1])
		}
	}
	return 0, fmt.Errorf("no Pss of %d", pid)
}
