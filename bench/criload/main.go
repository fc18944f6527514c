// criload measures two CRI runtimes against each other, in turns, on one machine.
//
//	criload --crij SOCKET --crij-marker DIR --peer SOCKET --peer-marker DIR [--pods N] [--hold N] [--logs BYTES]
//
// It prints medians of each step and their ratio; CPU is that of the whole machine, so leave it alone meanwhile.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func main() {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		inContainer(os.Args[1:])
		return
	}
	if err := measure(); err != nil {
		fmt.Fprintln(os.Stderr, "criload:", err)
		os.Exit(1)
	}
}

// inContainer is what the image's program does.
func inContainer(args []string) {
	switch args[0] {
	case "wait":
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		<-stop
	case "spam":
		left, _ := strconv.ParseInt(args[1], 10, 64)
		lines := []byte(strings.Repeat(strings.Repeat("x", 99)+"\n", 655))
		for left > 0 {
			n := min(left, int64(len(lines)))
			if _, err := os.Stdout.Write(lines[:n]); err != nil {
				os.Exit(1)
			}
			left -= n
		}
	}
}

type plan struct {
	table *table
	peers []*peer
	image string
	logs  string
}

func measure() error {
	crij := flag.String("crij", "", "socket of CRI-J")
	crijMarker := flag.String("crij-marker", "", "in the command line of each process of CRI-J")
	other := flag.String("peer", "", "socket of containerd")
	otherMarker := flag.String("peer-marker", "", "in the command line of each process of containerd")
	pods := flag.Int("pods", 20, "pods one after the other, each way")
	hold := flag.Int("hold", 50, "pods at once, for memory and lists")
	spam := flag.Int64("logs", 200_000_000, "bytes of 100-byte lines through the log")
	execs := flag.Int("execs", 200, "commands executed with streams")
	output := flag.Int64("output", 1_000_000_000, "bytes that a command writes to its stream")
	address := flag.String("registry", "127.0.0.1:0", "where the image is served")
	flag.Parse()

	images, err := startRegistry(*address)
	if err != nil {
		return err
	}
	p := &plan{table: newTable(), image: images.reference()}
	if p.logs, err = os.MkdirTemp("", "criload"); err != nil {
		return err
	}
	defer os.RemoveAll(p.logs)
	for _, a := range [][3]string{{"crij", *crij, *crijMarker}, {"containerd", *other, *otherMarker}} {
		peer, err := connect(a[0], a[1], a[2])
		if err != nil {
			return err
		}
		p.peers = append(p.peers, peer)
	}
	for _, step := range []func() error{
		p.pull, p.version, func() error { return p.lifecycle(*pods) }, func() error { return p.flood(*spam) },
		func() error { return p.streams(*execs, *output) }, func() error { return p.crowd(*hold) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	p.table.print("crij", "containerd")
	return nil
}

func (p *plan) pull() error {
	for _, peer := range p.peers {
		err := call(p.table, peer, "PullImage", func(c context.Context) error {
			_, err := peer.image.PullImage(c, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: p.image}})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) version() error {
	for i := range 400 {
		for _, peer := range p.peers {
			t := p.table
			if i < 200 {
				t = newTable() // warming up
			}
			if err := call(t, peer, "Version", func(c context.Context) error {
				_, err := peer.runtime.Version(c, &cri.VersionRequest{})
				return err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// lifecycle runs pods one after the other, the runtimes taking turns in blocks of five.
func (p *plan) lifecycle(pods int) error {
	const block = 5
	for round := 0; round*block < pods+block; round++ {
		t := p.table
		if round == 0 {
			t = newTable() // warming up
		}
		for _, hostNetwork := range []bool{false, true} {
			for _, peer := range p.peers {
				busy := busySeconds()
				for range block {
					made, err := peer.up(t, p.image, p.logs, hostNetwork)
					if err != nil {
						return err
					}
					if err := peer.execSync(t, made); err != nil {
						return err
					}
					if err := peer.down(t, made); err != nil {
						return err
					}
				}
				step := "CPU per pod"
				if hostNetwork {
					step += " (host network)"
				}
				t.put(step, peer.name, (busySeconds()-busy)*1000/block, "ms")
			}
		}
	}
	return nil
}

// flood writes bytes of lines through the log of one container.
func (p *plan) flood(bytes int64) error {
	for _, peer := range p.peers {
		quiet := newTable()
		busy, start := busySeconds(), time.Now()
		made, err := peer.up(quiet, p.image, p.logs, true, "spam", strconv.FormatInt(bytes, 10))
		if err != nil {
			return err
		}
		for {
			c, cancel := limit()
			r, err := peer.runtime.ContainerStatus(c, &cri.ContainerStatusRequest{ContainerId: made.container})
			cancel()
			if err != nil {
				return err
			}
			if r.Status.State == cri.ContainerState_CONTAINER_EXITED {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		p.table.put("log, wall", peer.name, time.Since(start).Seconds(), "s")
		p.table.put("log, CPU", peer.name, busySeconds()-busy, "s")
		info, err := os.Stat(filepath.Join(made.config.LogDirectory, "c.log"))
		if err != nil {
			return err
		}
		if lines := bytes / 100; info.Size() < lines*(100+39) {
			return fmt.Errorf("%s logged %d bytes of %d lines", peer.name, info.Size(), lines)
		}
		if err := peer.down(quiet, made); err != nil {
			return err
		}
	}
	return nil
}

// crowd holds pods at once.
func (p *plan) crowd(pods int) error {
	for _, peer := range p.peers {
		quiet := newTable()
		p.table.put("PSS, no pod", peer.name, float64(peer.pssKiB())/1024, "MiB")
		var crowd []*pod
		for range pods {
			made, err := peer.up(quiet, p.image, p.logs, true)
			if err != nil {
				return err
			}
			crowd = append(crowd, made)
		}
		p.table.put(fmt.Sprintf("PSS, %d pods", pods), peer.name, float64(peer.pssKiB())/1024, "MiB")
		for range 50 {
			if err := call(p.table, peer, "ListContainers", func(c context.Context) error {
				_, err := peer.runtime.ListContainers(c, &cri.ListContainersRequest{})
				return err
			}); err != nil {
				return err
			}
			if err := call(p.table, peer, "ContainerStatus", func(c context.Context) error {
				_, err := peer.runtime.ContainerStatus(c,
					&cri.ContainerStatusRequest{ContainerId: crowd[0].container})
				return err
			}); err != nil {
				return err
			}
		}
		for _, made := range crowd {
			if err := peer.down(quiet, made); err != nil {
				return err
			}
		}
	}
	return nil
}
