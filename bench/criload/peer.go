package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var zeroTime time.Time

// One runtime under load.
type peer struct {
	*daemon
	name    string
	socket  string
	closing func() error
	runtime cri.RuntimeServiceClient
	image   cri.ImageServiceClient
}

// begin starts the runtime and waits until it answers.
func (p *peer) begin(nice int) error {
	if err := p.start(nice); err != nil {
		return err
	}
	connection, err := connect(p.socket)
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	p.closing = connection.Close
	p.runtime, p.image = cri.NewRuntimeServiceClient(connection), cri.NewImageServiceClient(connection)
	prefer(nice, p.pids()...)
	return nil
}

// end stops daemon and monitors.
func (p *peer) end() {
	if p.closing != nil {
		_ = p.closing()
	}
	p.stop()
}

func limit() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 120*time.Second)
}

var sequence atomic.Int64

type pod struct {
	config             *cri.PodSandboxConfig
	sandbox, container string
}

func podConfig(logs string, hostNetwork bool) *cri.PodSandboxConfig {
	id := fmt.Sprintf("load-%d-%d", os.Getpid(), sequence.Add(1))
	network := cri.NamespaceMode_POD
	host := id
	if hostNetwork {
		network, host = cri.NamespaceMode_NODE, ""
	}
	return &cri.PodSandboxConfig{
		Metadata:     &cri.PodSandboxMetadata{Name: id, Uid: id, Namespace: "bench"},
		Hostname:     host,
		LogDirectory: filepath.Join(logs, id),
		Linux: &cri.LinuxPodSandboxConfig{
			CgroupParent: "/crij-bench/" + id,
			SecurityContext: &cri.LinuxSandboxSecurityContext{
				NamespaceOptions: &cri.NamespaceOption{Network: network, Pid: cri.NamespaceMode_CONTAINER}}},
	}
}

// call times one RPC into the table.
func call(t *table, p *peer, step string, f func(c context.Context) error) error {
	c, cancel := limit()
	defer cancel()
	start := time.Now()
	if err := f(c); err != nil {
		return fmt.Errorf("%s on %s: %w", step, p.name, err)
	}
	t.add(step, p.name, time.Since(start))
	return nil
}

func (p *peer) up(t *table, image, logs string, hostNetwork bool, args ...string) (*pod, error) {
	made := &pod{config: podConfig(logs, hostNetwork)}
	run := "RunPodSandbox"
	if hostNetwork {
		run += " (host network)"
	}
	err := call(t, p, run, func(c context.Context) error {
		r, err := p.runtime.RunPodSandbox(c, &cri.RunPodSandboxRequest{Config: made.config})
		made.sandbox = r.GetPodSandboxId()
		return err
	})
	if err != nil {
		return nil, err
	}
	config := &cri.ContainerConfig{
		Metadata: &cri.ContainerMetadata{Name: "c"}, Image: &cri.ImageSpec{Image: image},
		LogPath: "c.log", Args: args,
		Linux: &cri.LinuxContainerConfig{
			Resources: &cri.LinuxContainerResources{CpuShares: 102, MemoryLimitInBytes: 256 << 20},
			SecurityContext: &cri.LinuxContainerSecurityContext{
				NamespaceOptions: made.config.Linux.SecurityContext.NamespaceOptions,
				Seccomp:          &cri.SecurityProfile{ProfileType: cri.SecurityProfile_RuntimeDefault}}},
	}
	if len(args) > 0 {
		config.Command = []string{"/load"}
	}
	err = call(t, p, "CreateContainer", func(c context.Context) error {
		r, err := p.runtime.CreateContainer(c, &cri.CreateContainerRequest{
			PodSandboxId: made.sandbox, Config: config, SandboxConfig: made.config})
		made.container = r.GetContainerId()
		return err
	})
	if err != nil {
		return nil, err
	}
	return made, call(t, p, "StartContainer", func(c context.Context) error {
		_, err := p.runtime.StartContainer(c, &cri.StartContainerRequest{ContainerId: made.container})
		return err
	})
}

func (p *peer) execSync(t *table, made *pod) error {
	return call(t, p, "ExecSync", func(c context.Context) error {
		r, err := p.runtime.ExecSync(c, &cri.ExecSyncRequest{
			ContainerId: made.container, Cmd: []string{"/load", "true"}, Timeout: 60})
		if err == nil && r.ExitCode != 0 {
			err = fmt.Errorf("exit code %d: %s", r.ExitCode, r.Stderr)
		}
		return err
	})
}

func (p *peer) down(t *table, made *pod) error {
	steps := []struct {
		name string
		run  func(c context.Context) error
	}{
		{"StopContainer", func(c context.Context) error {
			_, err := p.runtime.StopContainer(c, &cri.StopContainerRequest{ContainerId: made.container, Timeout: 10})
			return err
		}},
		{"RemoveContainer", func(c context.Context) error {
			_, err := p.runtime.RemoveContainer(c, &cri.RemoveContainerRequest{ContainerId: made.container})
			return err
		}},
		{"StopPodSandbox", func(c context.Context) error {
			_, err := p.runtime.StopPodSandbox(c, &cri.StopPodSandboxRequest{PodSandboxId: made.sandbox})
			return err
		}},
		{"RemovePodSandbox", func(c context.Context) error {
			_, err := p.runtime.RemovePodSandbox(c, &cri.RemovePodSandboxRequest{PodSandboxId: made.sandbox})
			return err
		}},
	}
	for _, step := range steps {
		if err := call(t, p, step.name, step.run); err != nil {
			return err
		}
	}
	return nil
}
