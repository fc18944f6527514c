package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// monitor watches containers and writes their logs.
type monitor interface {
	name() string
	// create returns the pid of the process that logs.
	create(bundle) (int, error)
	forget(bundle) error
	close()
}

// bundle is what stands for a container: its files, and the FIFOs that start and end its process.
type bundle struct {
	id, dir, log string
}

func newBundle(dir string, number int, argv ...string) (bundle, error) {
	id := fmt.Sprintf("%064x", number)
	b := bundle{id: id, dir: filepath.Join(dir, id), log: filepath.Join(dir, id, "0.log")}
	if err := os.Mkdir(b.dir, 0o700); err != nil {
		return b, err
	}
	for _, fifo := range []string{b.goes(), b.ends()} {
		if err := syscall.Mkfifo(fifo, 0o600); err != nil {
			return b, err
		}
	}
	text := strings.Join(append(argv, b.goes(), b.ends()), "\n")
	return b, os.WriteFile(filepath.Join(b.dir, "argv"), []byte(text), 0o600)
}

func (b bundle) goes() string { return filepath.Join(b.dir, "go") }
func (b bundle) ends() string { return filepath.Join(b.dir, "end") }

// pid is that of the process; conmon returns before it runs.
func (b bundle) pid() (int, error) {
	return awaitedPid(filepath.Join(b.dir, "pidfile"))
}

func awaitedPid(file string) (int, error) {
	for range 500 {
		if text, err := os.ReadFile(file); err == nil && len(text) > 0 {
			return strconv.Atoi(strings.TrimSpace(string(text)))
		}
		time.Sleep(10 * time.Millisecond)
	}
	return 0, fmt.Errorf("no pid in %s", file)
}

// open lets the process go on that waits at a FIFO.
func open(fifo string) error {
	f, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// whole waits until the last line is in the log.
func (b bundle) whole(limit time.Duration) error {
	end := []byte(lastLine)
	tail := make([]byte, len(end))
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(500 * time.Microsecond) {
		f, err := os.Open(b.log)
		if err != nil {
			return err
		}
		if info, err := f.Stat(); err == nil && info.Size() > int64(len(end)) {
			f.ReadAt(tail, info.Size()-int64(len(end)))
		}
		f.Close()
		if bytes.Equal(tail, end) {
			return nil
		}
	}
	return fmt.Errorf("%s is not whole after %v", b.log, limit)
}

// finish ends the process and removes what there was.
func (b bundle) finish(m monitor) error {
	if err := open(b.ends()); err != nil {
		return err
	}
	if err := m.forget(b); err != nil {
		return err
	}
	return os.RemoveAll(b.dir)
}
