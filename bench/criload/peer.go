package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var zeroTime time.Time

// One runtime under load.
type peer struct {
	name    string
	runtime cri.RuntimeServiceClient
	image   cri.ImageServiceClient
	// What the command line of each of its processes contains: its private directory.
	marker  string
	handler string
}

func connect(name, socket, marker string) (*peer, error) {
	connection, err := grpc.NewClient("passthrough:///"+socket,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(c context.Context, address string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(c, "unix", address)
		}))
	if err != nil {
		return nil, err
	}
	p := &peer{name: name, marker: marker,
		runtime: cri.NewRuntimeServiceClient(connection), image: cri.NewImageServiceClient(connection)}
	deadline := time.Now().Add(60 * time.Second)
	for {
		c, cancel := limit()
		_, err = p.runtime.Version(c, &cri.VersionRequest{})
		cancel()
		if err == nil {
			return p, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%s does not answer on %s: %w", name, socket, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
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
		r, err := p.runtime.RunPodSandbox(c, &cri.RunPodSandboxRequest{Config: made.config, RuntimeHandler: p.handler})
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

// pssKiB adds up the proportional set sizes of the runtime's own processes: daemon and monitors, not containers.
func (p *peer) pssKiB() int64 {
	total := int64(0)
	found, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range found {
		command, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(command), p.marker) || strings.Contains(file, "/self/") {
			continue
		}
		if filepath.Dir(file) == fmt.Sprintf("/proc/%d", os.Getpid()) {
			continue
		}
		rollup, err := os.ReadFile(filepath.Join(filepath.Dir(file), "smaps_rollup"))
		if err != nil {
			continue
		}
		for _, line := range strings.Split(string(rollup), "\n") {
			if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Pss:" {
				n, _ := strconv.ParseInt(fields[1], 10, 64)
				total += n
			}
		}
	}
	return total
}
