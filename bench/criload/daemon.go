package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// A runtime's private folder: its program "start" becomes the daemon, "stop", if there is one, ends it with its monitor. All
// of its processes have the folder in their command lines.
type daemon struct {
	folder  string
	process *exec.Cmd
	ended   chan struct{}
}

func (d *daemon) start(nice int) error {
	logs, err := os.OpenFile(d.folder+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer logs.Close()
	command := exec.Command(d.folder + "/start")
	command.Stdout, command.Stderr = logs, logs
	// Of its own, as a service has; else its processes would share the priority of this program.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return err
	}
	prefer(nice, strconv.Itoa(command.Process.Pid))
	d.process, d.ended = command, make(chan struct{})
	go func(ended chan struct{}) { _ = command.Wait(); close(ended) }(d.ended)
	return nil
}

// kill is a crash: monitors and containers live on.
func (d *daemon) kill() {
	_ = d.process.Process.Kill()
	<-d.ended
}

func (d *daemon) stop() {
	if d.process == nil {
		return
	}
	if _, err := os.Stat(d.folder + "/stop"); err == nil {
		_ = exec.Command(d.folder + "/stop").Run()
	} else {
		_ = d.process.Process.Signal(syscall.SIGTERM)
	}
	select {
	case <-d.ended:
	case <-time.After(30 * time.Second):
		d.kill()
	}
}

// pids are the runtime's own processes: daemon and monitors, not containers.
func (d *daemon) pids() []string {
	var pids []string
	found, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range found {
		pid := filepath.Base(filepath.Dir(file))
		command, err := os.ReadFile(file)
		if err == nil && pid != strconv.Itoa(os.Getpid()) && strings.Contains(string(command), d.folder) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// prefer gives the sessions of processes a priority before the rest of a shared machine: autogroup(…) of sched(7).
func prefer(nice int, pids ...string) {
	for _, pid := range pids {
		if nice != 0 {
			_ = os.WriteFile("/proc/"+pid+"/autogroup", []byte(strconv.Itoa(nice)), 0)
		}
	}
}

// pss adds up the proportional set sizes of the runtime's own processes, in MB.
func (d *daemon) pss() float64 {
	kib := 0.0
	for _, pid := range d.pids() {
		rollup, _ := os.ReadFile("/proc/" + pid + "/smaps_rollup")
		for _, line := range strings.Split(string(rollup), "\n") {
			if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Pss:" {
				n, _ := strconv.ParseFloat(fields[1], 64)
				kib += n
			}
		}
	}
	return kib * 1024 / 1e6
}

// settle waits until what the runtime does of itself after work is over, and it has given back what it will: half a
// minute in which it does next to nothing, at most two minutes.
func (d *daemon) settle() {
	const look, looks, calmLooks = 5 * time.Second, 24, 6
	for i, calm := 0, 0; i < looks && calm < calmLooks; i++ {
		counter, err := countCPU(d.pids())
		if err != nil {
			return
		}
		time.Sleep(look)
		calm++
		if counter.seconds() > 0.3 {
			calm = 0
		}
		counter.close()
	}
}

// connect waits until the CRI answers.
func connect(socket string) (*grpc.ClientConn, error) {
	connection, err := grpc.NewClient("passthrough:///"+socket,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(c context.Context, address string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(c, "unix", address)
		}))
	if err != nil {
		return nil, err
	}
	client := cri.NewRuntimeServiceClient(connection)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		c, cancel := limit()
		_, err = client.Version(c, &cri.VersionRequest{}, grpc.WaitForReady(true))
		cancel()
		if err == nil {
			return connection, nil
		}
		if time.Now().After(deadline) {
			connection.Close()
			return nil, fmt.Errorf("nobody answers on %s: %w", socket, err)
		}
	}
}
