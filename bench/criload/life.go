package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// counted runs something and puts the CPU seconds of the runtime and all it started meanwhile into the table, each.
func (p *peer) counted(t *table, step string, each int, run func() error) error {
	counter, err := countCPU(p.pids())
	if err != nil {
		return err
	}
	defer counter.close()
	if err := run(); err != nil {
		return err
	}
	t.put(step, p.name, counter.seconds()*1000/float64(each), "ms")
	return nil
}

// calls are those that a kubelet makes all the time, with one pod there, after as many to warm up.
func (p *plan) calls() error {
	const blocks, block = 10, 50
	pods := map[*peer]*pod{}
	for _, peer := range p.peers {
		made, err := peer.up(newTable(), p.image, p.logs, true)
		if err != nil {
			return err
		}
		pods[peer] = made
	}
	for round := range 2 * blocks {
		t := p.table
		if round < blocks {
			t = newTable()
		}
		for _, peer := range p.peers {
			if err := peer.counted(t, "CPU of a round of calls", block, func() error {
				for range block {
					if err := peer.ask(t, pods[peer], ""); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				return err
			}
		}
	}
	for _, peer := range p.peers {
		if err := peer.down(newTable(), pods[peer]); err != nil {
			return err
		}
	}
	return nil
}

// ask makes each short call once.
func (p *peer) ask(t *table, made *pod, suffix string) error {
	steps := []struct {
		name string
		run  func(c context.Context) error
	}{
		{"Version", func(c context.Context) error {
			_, err := p.runtime.Version(c, &cri.VersionRequest{})
			return err
		}},
		{"Status", func(c context.Context) error {
			_, err := p.runtime.Status(c, &cri.StatusRequest{})
			return err
		}},
		{"ListPodSandbox", func(c context.Context) error {
			_, err := p.runtime.ListPodSandbox(c, &cri.ListPodSandboxRequest{})
			return err
		}},
		{"ListContainers", func(c context.Context) error {
			_, err := p.runtime.ListContainers(c, &cri.ListContainersRequest{})
			return err
		}},
		{"PodSandboxStatus", func(c context.Context) error {
			_, err := p.runtime.PodSandboxStatus(c, &cri.PodSandboxStatusRequest{PodSandboxId: made.sandbox})
			return err
		}},
		{"ContainerStatus", func(c context.Context) error {
			_, err := p.runtime.ContainerStatus(c, &cri.ContainerStatusRequest{ContainerId: made.container})
			return err
		}},
		{"ListImages", func(c context.Context) error {
			_, err := p.image.ListImages(c, &cri.ListImagesRequest{})
			return err
		}},
	}
	for _, step := range steps {
		if err := call(t, p, step.name+suffix, step.run); err != nil {
			return err
		}
	}
	return nil
}

// lifecycle runs pods one after the other, the runtimes taking turns in blocks of five.
func (p *plan) lifecycle(pods int) error {
	const block = 5
	bare, err := p.newBare()
	if err != nil {
		return err
	}
	for round := 0; round*block < pods+block; round++ {
		t := p.table
		if round == 0 {
			t = newTable() // warming up
		}
		for _, hostNetwork := range []bool{false, true} {
			cpu := "CPU per pod" + kindOf(hostNetwork)
			for _, peer := range p.peers {
				if err := peer.counted(t, cpu, block, func() error {
					for range block {
						if err := peer.life(t, p, hostNetwork); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					return err
				}
			}
			if err := bare.counted(t, cpu, block, func() error {
				for range block {
					if err := bare.life(t, hostNetwork); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				return err
			}
		}
	}
	t := p.table
	down := []string{"StopContainer", "RemoveContainer", "StopPodSandbox", "RemovePodSandbox"}
	t.sums("Create + StartContainer", "ms", "CreateContainer", "StartContainer")
	t.sums("stop + remove", "ms", down...)
	t.sums("whole life", "ms", append(down, "RunPodSandbox", "CreateContainer", "StartContainer", "ExecSync")...)
	for _, step := range []string{"RunPodSandbox", "Create + StartContainer", "ExecSync", "stop + remove", "whole life",
		"CPU per pod", "CPU per pod" + kindOf(true)} {
		t.beyond(step+", ours", step)
	}
	return bare.end(p)
}

func kindOf(hostNetwork bool) string {
	if hostNetwork {
		return " (host network)"
	}
	return ""
}

// life is that of one pod.
func (p *peer) life(t *table, plan *plan, hostNetwork bool) error {
	made, err := p.up(t, plan.image, plan.logs, hostNetwork)
	if err != nil {
		return err
	}
	if err := p.execSync(t, made); err != nil {
		return err
	}
	// What these take is compared for pods with a network of their own.
	if hostNetwork {
		t = newTable()
	}
	return p.down(t, made)
}

// parallel has workers run and remove pods, each one after the other.
func (p *plan) parallel(rounds, pods int) error {
	const workers = 8
	for range rounds {
		for _, peer := range p.peers {
			start := time.Now()
			if err := peer.counted(p.table, "CPU per pod, 8 in parallel", workers*pods, func() error {
				return peer.together(workers, func() error {
					for range pods {
						made, err := peer.up(newTable(), p.image, p.logs, false)
						if err != nil {
							return err
						}
						if err := peer.down(newTable(), made); err != nil {
							return err
						}
					}
					return nil
				})
			}); err != nil {
				return err
			}
			p.table.put("pods, 8 in parallel", peer.name, float64(workers*pods)/time.Since(start).Seconds(), "/s")
		}
	}
	return nil
}

// together gives the first failure of as many workers.
func (p *peer) together(workers int, work func() error) error {
	failures := make(chan error, workers)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() { failures <- work() })
	}
	group.Wait()
	for range workers {
		if err := <-failures; err != nil {
			return err
		}
	}
	return nil
}

// flood writes bytes of lines through the log of one container.
func (p *plan) flood(bytes int64) error {
	for _, peer := range p.peers {
		quiet := newTable()
		start := time.Now()
		var made *pod
		if err := peer.counted(p.table, "log, CPU", 1, func() (err error) {
			made, err = peer.up(quiet, p.image, p.logs, true, "spam", strconv.FormatInt(bytes, 10))
			if err != nil {
				return err
			}
			return peer.awaitExit(made)
		}); err != nil {
			return err
		}
		p.table.put("log, wall", peer.name, time.Since(start).Seconds(), "s")
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

func (p *peer) awaitExit(made *pod) error {
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		c, cancel := limit()
		r, err := p.runtime.ContainerStatus(c, &cri.ContainerStatusRequest{ContainerId: made.container})
		cancel()
		if err != nil {
			return err
		}
		if r.Status.State == cri.ContainerState_CONTAINER_EXITED {
			return nil
		}
	}
	return fmt.Errorf("%s: container %s does not end", p.name, made.container)
}
