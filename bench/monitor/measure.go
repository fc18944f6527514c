package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type options struct {
	self, dir, shape              string
	megabytes, rounds, containers int
	bundles, nice                 int
	alone                         bool
}

func (o *options) bundle(argv ...string) (bundle, error) {
	o.bundles++
	return newBundle(o.dir, o.bundles, append([]string{o.self}, argv...)...)
}

// shape is how a container writes.
type shape struct {
	name        string
	line, write int
	pipe        int
	goal        float64
}

const own, large = 0, 256 << 10

var shapes = []shape{
	{"lines of 100 bytes, writes of 64 KiB", 100, 64 << 10, own, 1.3},
	{"lines of 100 bytes, one by one", 100, 100, own, 2},
	{"lines of 16 KiB, one by one", 16 << 10, 16 << 10, own, 2},
	{"the first, both with pipes of 256 KiB", 100, 64 << 10, large, 1.3},
	{"the second, both with pipes of 256 KiB", 100, 100, large, 2},
	{"the third, both with pipes of 256 KiB", 16 << 10, 16 << 10, large, 2},
}

type result struct {
	wall, cpu time.Duration
	// What the rest of the machine used meanwhile: 1 is one processor.
	others float64
}

// speed prints what logging costs; the first round of each shape is not counted, so that both have warm files and code.
func (o *options) speed(monitors []monitor) error {
	fmt.Printf("%-40s %-9s %12s %10s %8s\n", "logging", "", "MB per CPU s", "wall s", "goal")
	for _, s := range shapes {
		if !strings.Contains(s.name, o.shape) {
			continue
		}
		results := make([][]result, len(monitors))
		for round := range o.rounds + 1 {
			for i, m := range monitors {
				r, err := o.undisturbed(m, s)
				if err != nil {
					return err
				}
				if round > 0 {
					results[i] = append(results[i], r)
				}
			}
		}
		rates := make([]float64, len(monitors))
		walls := make([]float64, len(monitors))
		for i, m := range monitors {
			var rate, wall []float64
			for _, r := range results[i] {
				rate = append(rate, float64(o.megabytes)/r.cpu.Seconds())
				wall = append(wall, r.wall.Seconds())
			}
			rates[i], walls[i] = median(rate), median(wall)
			fmt.Printf("%-40s %-9s %12.0f %10.2f\n", s.name, m.name(), rates[i], walls[i])
		}
		fmt.Printf("%-40s %-9s %12.2f %10.2f %8.1f\n", "", "ratio", rates[1]/rates[0], walls[1]/walls[0], s.goal)
	}
	return nil
}

// first prints what the first 100 MB cost a conmon-j that was just started, and its memory after them.
func (o options) first(program []string, runtime string) error {
	fmt.Printf("%-40s %12s %10s %12s\n", "the first 100 MB after a start", "CPU s", "wall s", "KiB PSS")
	o.megabytes = 100
	var cpus, walls, sizes []float64
	for round := range o.rounds {
		dir := filepath.Join(o.dir, fmt.Sprintf("first-%d", round))
		if err := os.Mkdir(dir, 0o711); err != nil {
			return err
		}
		j, err := startConmonJ(program, runtime, dir)
		if err != nil {
			return err
		}
		here := o
		here.dir = dir
		r, err := here.once(j, shapes[0])
		size := 0
		if err == nil {
			size, err = pss(j.cmd.Process.Pid)
		}
		j.close()
		if err != nil {
			return err
		}
		cpus, walls = append(cpus, r.cpu.Seconds()), append(walls, r.wall.Seconds())
		sizes = append(sizes, float64(size))
	}
	fmt.Printf("%-40s %12.2f %10.2f %12.0f\n\n", shapes[0].name, median(cpus), median(walls), median(sizes))
	return nil
}

// undisturbed repeats what others have disturbed, where that is wanted.
func (o *options) undisturbed(m monitor, s shape) (result, error) {
	for range 50 {
		r, err := o.once(m, s)
		if err != nil || !o.alone || r.others < fewOthers {
			return r, err
		}
	}
	return result{}, fmt.Errorf("the machine is never quiet")
}

func (o *options) once(m monitor, s shape) (result, error) {
	b, err := o.bundle("flood", strconv.Itoa(s.line), strconv.Itoa(s.write), strconv.Itoa(o.megabytes*1_000_000),
		strconv.Itoa(s.pipe))
	if err != nil {
		return result{}, err
	}
	pid, err := o.started(m, b)
	if err != nil {
		return result{}, err
	}
	writer, err := b.pid()
	if err != nil {
		return result{}, err
	}
	if o.alone {
		if err := quiet(); err != nil {
			return result{}, err
		}
	}
	others := othersThan(os.Getpid(), pid, writer)
	before, err := cpu(pid)
	if err != nil {
		return result{}, err
	}
	start := time.Now()
	if err := open(b.goes()); err != nil {
		return result{}, err
	}
	if err := b.whole(2 * time.Minute); err != nil {
		return result{}, err
	}
	wall := time.Since(start)
	after, err := cpu(pid)
	if err != nil {
		return result{}, err
	}
	used, err := others()
	if err != nil {
		return result{}, err
	}
	return result{wall, after - before, used.Seconds() / wall.Seconds()}, b.finish(m)
}

// started returns the pid of the process that logs.
func (o *options) started(m monitor, b bundle) (int, error) {
	logs, err := m.create(b)
	if err != nil {
		return 0, err
	}
	writes, err := b.pid()
	if err != nil {
		return 0, err
	}
	return logs, prefer(o.nice, logs, writes)
}

// delay prints how long a line takes from its writer to its log while another container writes without pause.
func (o *options) delay(monitors []monitor) error {
	fmt.Printf("\n%-40s %-9s %12s %10s\n", "a line beside a flood, ms", "", "p50", "p99")
	for _, m := range monitors {
		delays, err := o.beside(m)
		if err != nil {
			return err
		}
		slices.Sort(delays)
		fmt.Printf("%-40s %-9s %12.2f %10.2f\n", "", m.name(), ms(delays[len(delays)/2]), ms(delays[len(delays)*99/100]))
	}
	return nil
}

func (o *options) beside(m monitor) ([]time.Duration, error) {
	noisy, err := o.bundle("flood", "100", "65536", "1000000000000", "0")
	if err != nil {
		return nil, err
	}
	quiet, err := o.bundle("probe", "2000")
	if err != nil {
		return nil, err
	}
	for _, b := range []bundle{noisy, quiet} {
		if _, err := o.started(m, b); err != nil {
			return nil, err
		}
		if err := open(b.goes()); err != nil {
			return nil, err
		}
	}
	stop := make(chan struct{})
	go emptied(noisy.log, stop)
	err = quiet.whole(2 * time.Minute)
	close(stop)
	if err != nil {
		return nil, err
	}
	if err := killed(noisy); err != nil {
		return nil, err
	}
	delays, err := read(quiet.log)
	if err != nil {
		return nil, err
	}
	if err := m.forget(noisy); err != nil {
		return nil, err
	}
	return delays, quiet.finish(m)
}

// emptied keeps a log small.
func emptied(log string, stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(100 * time.Millisecond):
			os.Truncate(log, 0)
		}
	}
}

func killed(b bundle) error {
	pid, err := b.pid()
	if err != nil {
		return err
	}
	return syscall.Kill(pid, syscall.SIGKILL)
}

// read takes the time of each line and the time that it says it was written.
func read(log string) ([]time.Duration, error) {
	text, err := os.ReadFile(log)
	if err != nil {
		return nil, err
	}
	var delays []time.Duration
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) != 4 {
			continue
		}
		logged, err := time.Parse(time.RFC3339Nano, fields[0])
		if err != nil {
			return nil, err
		}
		written, err := strconv.ParseInt(fields[3], 10, 64)
		if err != nil {
			return nil, err
		}
		delays = append(delays, time.Duration(logged.UnixNano()-written))
	}
	return delays, nil
}

// memory prints what conmon-j weighs with no container, alone and beside crijd, and what each quiet one adds.
func (o *options) memory(m monitor, crijd string) error {
	fmt.Printf("%-40s %22s\n", "memory of conmon-j, KiB PSS", "")
	if crijd != "" {
		stop, err := o.companion(crijd)
		if err != nil {
			return err
		}
		defer stop()
	}
	first, err := o.bundle("probe", "1")
	if err != nil {
		return err
	}
	pid, err := m.create(first)
	if err != nil {
		return err
	}
	empty, err := settled(pid)
	if err != nil {
		return err
	}
	all := []bundle{first}
	for range o.containers {
		b, err := o.bundle("probe", "1")
		if err != nil {
			return err
		}
		if _, err := m.create(b); err != nil {
			return err
		}
		all = append(all, b)
	}
	full, err := settled(pid)
	if err != nil {
		return err
	}
	fmt.Printf("%-40s %22d\n", "with one container", empty)
	fmt.Printf("%-40s %22d\n", fmt.Sprintf("with %d more", o.containers), full)
	fmt.Printf("%-40s %22.1f\n\n", "each", float64(full-empty)/float64(o.containers))
	for _, b := range all {
		if err := killed(b); err != nil {
			return err
		}
		if err := m.forget(b); err != nil {
			return err
		}
		os.RemoveAll(b.dir)
	}
	return nil
}

// settled waits for the memory that the C library gives back now and then.
func settled(pid int) (int, error) {
	time.Sleep(35 * time.Second)
	return pss(pid)
}

func (o *options) companion(crijd string) (func(), error) {
	cmd := exec.Command(crijd, "--root", filepath.Join(o.dir, "root"), "--runroot", filepath.Join(o.dir, "run"))
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	}, nil
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
