package main

import (
	"context"
	"encoding/json"
	"fmt"
	"syscall"
	"time"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// Longer than CRI-J gives out the same sample: each call reads all figures.
const freshAgain = 300 * time.Millisecond

// stats measures what many containers use, and how soon the end of one is told.
func (p *plan) stats(containers, rounds int) error {
	for _, peer := range p.peers {
		var crowd []*pod
		for range containers {
			made, err := peer.up(newTable(), p.image, p.logs, true)
			if err != nil {
				return err
			}
			crowd = append(crowd, made)
		}
		peer.settle()
		if err := p.figures(peer, containers, rounds); err != nil {
			return err
		}
		if err := p.ends(peer, crowd[:min(rounds, containers)]); err != nil {
			return err
		}
		for _, made := range crowd {
			if err := peer.down(newTable(), made); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *plan) figures(peer *peer, containers, rounds int) error {
	for _, list := range []struct {
		name string
		run  func(c context.Context) (int, error)
	}{
		{"ListContainerStats", func(c context.Context) (int, error) {
			r, err := peer.runtime.ListContainerStats(c, &cri.ListContainerStatsRequest{})
			return len(r.GetStats()), err
		}},
		{"ListPodSandboxStats", func(c context.Context) (int, error) {
			r, err := peer.runtime.ListPodSandboxStats(c, &cri.ListPodSandboxStatsRequest{})
			return len(r.GetStats()), err
		}},
	} {
		name := fmt.Sprintf("%s, %d containers", list.name, containers)
		if err := peer.counted(p.table, "CPU of "+name, rounds, func() error {
			for range rounds {
				time.Sleep(freshAgain)
				err := call(p.table, peer, name, func(c context.Context) error {
					found, err := list.run(c)
					if err == nil && found != containers {
						err = fmt.Errorf("%d listed", found)
					}
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// ends kills containers one after the other, and measures until a client is told.
func (p *plan) ends(peer *peer, crowd []*pod) error {
	c, cancel := limit()
	defer cancel()
	events, err := peer.runtime.GetContainerEvents(c, &cri.GetEventsRequest{})
	if err != nil {
		return err
	}
	// Neither says when it listens.
	time.Sleep(time.Second)
	for _, made := range crowd {
		pid, err := peer.pid(c, made)
		if err != nil {
			return err
		}
		start := time.Now()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return err
		}
		for {
			event, err := events.Recv()
			if err != nil {
				return fmt.Errorf("GetContainerEvents on %s: %w", peer.name, err)
			}
			if event.ContainerId == made.container && event.ContainerEventType == cri.ContainerEventType_CONTAINER_STOPPED_EVENT {
				break
			}
		}
		p.table.add("kill to STOPPED event", peer.name, time.Since(start))
	}
	return nil
}

func (p *peer) pid(c context.Context, made *pod) (int, error) {
	r, err := p.runtime.ContainerStatus(c, &cri.ContainerStatusRequest{ContainerId: made.container, Verbose: true})
	if err != nil {
		return 0, err
	}
	var info struct{ Pid int }
	if err := json.Unmarshal([]byte(r.Info["info"]), &info); err != nil {
		return 0, err
	}
	if info.Pid <= 1 {
		return 0, fmt.Errorf("%s: no pid of container %s", p.name, made.container)
	}
	return info.Pid, nil
}
