package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// conmon starts one process a container.
type conmon struct {
	program, runtime, exits, sockets string
}

func newConmon(program, runtime, dir string) (*conmon, error) {
	c := &conmon{program, runtime, filepath.Join(dir, "exits"), filepath.Join(dir, "sockets")}
	return c, errors.Join(os.Mkdir(c.exits, 0o700), os.Mkdir(c.sockets, 0o700))
}

func (c *conmon) name() string { return "conmon" }

func (c *conmon) create(b bundle) (int, error) {
	pidFile := filepath.Join(b.dir, "conmon.pid")
	cmd := exec.Command(c.program, "--cid", b.id, "--cuuid", b.id, "--name", b.id, "--runtime", c.runtime,
		"--bundle", b.dir, "--container-pidfile", filepath.Join(b.dir, "pidfile"), "--conmon-pidfile", pidFile,
		"--log-path", "k8s-file:"+b.log, "--exit-dir", c.exits, "--socket-dir-path", c.sockets, "--log-level", "error")
	// A file, not a pipe: conmon goes on holding it.
	out, err := os.Create(filepath.Join(b.dir, "conmon.log"))
	if err != nil {
		return 0, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("conmon: %w, see %s", err, out.Name())
	}
	return awaitedPid(pidFile)
}

func (c *conmon) forget(bundle) error { return nil }
func (c *conmon) close()              {}
