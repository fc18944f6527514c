package main

import (
	"context"
	"fmt"
	"time"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// first measures the first pod of a new daemon from an image that was just pulled: all that only a first one pays.
func (p *plan) first(rounds int) error {
	for round := range rounds {
		image := p.images.reference(fmt.Sprintf("first-%d", round))
		for _, peer := range p.peers {
			quiet := newTable()
			if err := peer.forget(p.image); err != nil {
				return err
			}
			peer.end()
			if err := peer.begin(p.nice); err != nil {
				return err
			}
			// Neither starts with nothing to do of its own.
			time.Sleep(10 * time.Second)
			start := time.Now()
			err := call(quiet, peer, "PullImage", func(c context.Context) error {
				_, err := peer.image.PullImage(c, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: image}})
				return err
			})
			if err != nil {
				return err
			}
			p.table.add("first PullImage", peer.name, time.Since(start))
			if err := peer.firstPod(p, image); err != nil {
				return err
			}
			if err := peer.forget(image); err != nil {
				return err
			}
		}
	}
	return p.pull(p.image, newTable())
}

func (p *peer) firstPod(plan *plan, image string) error {
	for _, which := range []string{"first", "second"} {
		steps := newTable()
		made, err := p.up(steps, image, plan.logs, true)
		if err != nil {
			return err
		}
		run := steps.samples["RunPodSandbox"+kindOf(true)][p.name][0]
		start := steps.samples["CreateContainer"][p.name][0] + steps.samples["StartContainer"][p.name][0]
		plan.table.put(which+" RunPodSandbox", p.name, run, "ms")
		plan.table.put(which+" Create + StartContainer", p.name, start, "ms")
		if err := p.execSync(steps, made); err != nil {
			return err
		}
		plan.table.put(which+" ExecSync", p.name, steps.samples["ExecSync"][p.name][0], "ms")
		if err := p.down(steps, made); err != nil {
			return err
		}
	}
	return nil
}

func (p *peer) forget(image string) error {
	c, cancel := limit()
	defer cancel()
	_, err := p.image.RemoveImage(c, &cri.RemoveImageRequest{Image: &cri.ImageSpec{Image: image}})
	return err
}

// crowd holds pods at once: memory, lists, and a restart of the daemon among them.
func (p *plan) crowd(pods int) error {
	for _, peer := range p.peers {
		crowd, err := p.gather(peer, pods)
		if err != nil {
			return err
		}
		suffix := fmt.Sprintf(", %d pods", pods)
		if err := peer.counted(p.table, "CPU of a round of calls"+suffix, 50, func() error {
			for range 50 {
				if err := peer.ask(p.table, crowd[0], suffix); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		for range 3 {
			if err := p.restart(peer, pods); err != nil {
				return err
			}
		}
		for _, made := range crowd {
			if err := peer.down(newTable(), made); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *plan) gather(peer *peer, pods int) ([]*pod, error) {
	peer.settle()
	empty := peer.pss()
	p.table.put("PSS, no pod", peer.name, empty, "MB")
	var crowd []*pod
	for range pods {
		made, err := peer.up(newTable(), p.image, p.logs, true)
		if err != nil {
			return nil, err
		}
		crowd = append(crowd, made)
	}
	p.table.put(fmt.Sprintf("PSS, %d pods, at once", pods), peer.name, peer.pss(), "MB")
	peer.settle()
	full := peer.pss()
	p.table.put(fmt.Sprintf("PSS, %d pods", pods), peer.name, full, "MB")
	p.table.put("PSS, each pod", peer.name, (full-empty)/float64(pods), "MB")
	return crowd, nil
}

// restart kills the daemon and measures from its start until it lists all containers.
func (p *plan) restart(peer *peer, pods int) error {
	_ = peer.closing()
	peer.kill()
	start := time.Now()
	if err := peer.start(p.nice); err != nil {
		return err
	}
	connection, err := connect(peer.socket)
	if err != nil {
		return err
	}
	peer.closing = connection.Close
	peer.runtime, peer.image = cri.NewRuntimeServiceClient(connection), cri.NewImageServiceClient(connection)
	for deadline := start.Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		c, cancel := limit()
		r, err := peer.runtime.ListContainers(c, &cri.ListContainersRequest{})
		cancel()
		if err == nil && len(r.Containers) == pods {
			break
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s lists %d of %d containers after its restart: %w", peer.name, len(r.GetContainers()), pods, err)
		}
	}
	p.table.add(fmt.Sprintf("restart, %d pods", pods), peer.name, time.Since(start))
	return nil
}
