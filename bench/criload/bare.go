package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// What a pod would take if nothing but the OCI runtime and the plugins were: a bundle as CRI-J made it, with the same
// namespaces but for the network's.
type bare struct {
	folder string
	spec   map[string]any
	holder *pod
	chain  []map[string]any
	count  int
}

// bareContainer is one pod with its container.
type bareContainer struct {
	id, bundle, network string
	result              json.RawMessage
	init                int
}

func (p *plan) newBare() (*bare, error) {
	// Whoever makes a container is the parent of its init.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, err
	}
	holder, err := p.peers[0].up(newTable(), p.image, p.logs, true)
	if err != nil {
		return nil, err
	}
	b := &bare{folder: p.logs + "/bare", holder: holder}
	text, err := os.ReadFile(filepath.Join(p.peers[0].folder, "run/containers", holder.container, "config.json"))
	if err != nil {
		return nil, err
	}
	// Limits need all bits of their numbers.
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&b.spec); err != nil {
		return nil, err
	}
	text, err = os.ReadFile(p.network)
	if err != nil {
		return nil, err
	}
	var list struct {
		CniVersion, Name string
		Plugins          []map[string]any
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	for _, plugin := range list.Plugins {
		plugin["cniVersion"], plugin["name"] = list.CniVersion, list.Name
		b.chain = append(b.chain, plugin)
	}
	return b, os.Mkdir(b.folder, 0o700)
}

func (b *bare) end(p *plan) error { return p.peers[0].down(newTable(), b.holder) }

func (b *bare) counted(t *table, step string, each int, run func() error) error {
	counter, err := countCPU([]string{strconv.Itoa(os.Getpid())})
	if err != nil {
		return err
	}
	defer counter.close()
	if err := run(); err != nil {
		return err
	}
	t.put(step, bareName, counter.seconds()*1000/float64(each), "ms")
	return nil
}

// life is that of one pod, in the CRI's steps.
func (b *bare) life(t *table, hostNetwork bool) error {
	b.count++
	c := &bareContainer{id: fmt.Sprintf("bare-%d", b.count)}
	c.bundle = filepath.Join(b.folder, c.id)
	if !hostNetwork {
		c.network = c.bundle + ".net"
	}
	if err := b.write(c); err != nil {
		return err
	}
	exec := []string{"exec", "--cwd", "/", c.id, "/load", "true"}
	steps := []struct {
		name string
		run  func() error
	}{
		{"RunPodSandbox" + kindOf(hostNetwork), func() error { return b.attach(c) }},
		{"CreateContainer", func() error { return b.create(c) }},
		{"StartContainer", func() error { return b.runc(c, "start", c.id) }},
		{"ExecSync", func() error { return b.runc(c, exec...) }},
		{"StopContainer", func() error { return b.stop(c) }},
		{"RemoveContainer", func() error { return b.runc(c, "delete", c.id) }},
		{"StopPodSandbox", func() error { return b.detach(c) }},
	}
	for i, step := range steps {
		start := time.Now()
		if err := step.run(); err != nil {
			return fmt.Errorf("bare %s: %w", step.name, err)
		}
		// As for the others.
		if !hostNetwork || i < 4 {
			t.add(step.name, bareName, time.Since(start))
		}
	}
	return os.RemoveAll(c.bundle)
}

func (b *bare) write(c *bareContainer) error {
	linux := b.spec["linux"].(map[string]any)
	linux["cgroupsPath"] = "/crij-bench/" + c.id
	var namespaces []any
	for _, namespace := range linux["namespaces"].([]any) {
		if namespace.(map[string]any)["type"] != "network" {
			namespaces = append(namespaces, namespace)
		}
	}
	if c.network != "" {
		namespaces = append(namespaces, map[string]any{"type": "network", "path": c.network})
	}
	linux["namespaces"] = namespaces
	text, err := json.Marshal(b.spec)
	if err != nil {
		return err
	}
	if err := os.Mkdir(c.bundle, 0o700); err != nil {
		return err
	}
	return os.WriteFile(c.bundle+"/config.json", text, 0o600)
}

func (b *bare) runc(c *bareContainer, args ...string) error {
	command := exec.Command("runc", append([]string{"--root", b.folder + "/runc", "--log", c.bundle + "/log"}, args...)...)
	if err := command.Run(); err != nil {
		text, _ := os.ReadFile(c.bundle + "/log")
		return fmt.Errorf("runc %s: %w: %s", args[0], err, text)
	}
	return nil
}

func (b *bare) create(c *bareContainer) error {
	if err := b.runc(c, "create", "--bundle", c.bundle, "--pid-file", c.bundle+"/pid", c.id); err != nil {
		return err
	}
	text, err := os.ReadFile(c.bundle + "/pid")
	if err != nil {
		return err
	}
	c.init, err = strconv.Atoi(strings.TrimSpace(string(text)))
	return err
}

func (b *bare) stop(c *bareContainer) error {
	if err := unix.Kill(c.init, unix.SIGTERM); err != nil {
		return err
	}
	_, err := unix.Wait4(c.init, nil, 0, nil)
	return err
}

// attach makes a network namespace and calls each plugin's ADD.
func (b *bare) attach(c *bareContainer) error {
	if c.network == "" {
		return nil
	}
	made := make(chan error)
	go func() {
		// The thread ends with its namespace.
		runtime.LockOSThread()
		made <- newNetwork(c.network)
	}()
	if err := <-made; err != nil {
		return err
	}
	for _, plugin := range b.chain {
		out, err := b.plugin(c, plugin, "ADD")
		if err != nil {
			return err
		}
		c.result = out
	}
	return nil
}

func newNetwork(path string) error {
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return err
	}
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return err
	}
	return unix.Mount(fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid()), path, "", unix.MS_BIND, "")
}

func (b *bare) detach(c *bareContainer) error {
	if c.network == "" {
		return nil
	}
	var failures []error
	for i := range b.chain {
		_, err := b.plugin(c, b.chain[len(b.chain)-1-i], "DEL")
		failures = append(failures, err)
	}
	return errors.Join(append(failures, unix.Unmount(c.network, unix.MNT_DETACH), os.Remove(c.network))...)
}

func (b *bare) plugin(c *bareContainer, plugin map[string]any, verb string) ([]byte, error) {
	config := map[string]any{}
	for key, value := range plugin {
		config[key] = value
	}
	if c.result != nil {
		config["prevResult"] = c.result
	}
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	folders := "/opt/cni/bin:/usr/lib/cni"
	var program string
	for _, folder := range strings.Split(folders, ":") {
		if found := filepath.Join(folder, plugin["type"].(string)); program == "" {
			if _, err := os.Stat(found); err == nil {
				program = found
			}
		}
	}
	command := exec.Command(program)
	command.Env = []string{"CNI_COMMAND=" + verb, "CNI_CONTAINERID=" + c.id, "CNI_NETNS=" + c.network,
		"CNI_IFNAME=eth0", "CNI_PATH=" + folders, "PATH=" + os.Getenv("PATH")}
	command.Stdin = strings.NewReader(string(text))
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", program, verb, err, out)
	}
	return out, nil
}
