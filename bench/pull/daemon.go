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

// A runtime that was started for one measurement, in a folder of its own.
type daemon struct {
	folder  string
	process *exec.Cmd
	stop    func()
	runtime cri.RuntimeServiceClient
	image   cri.ImageServiceClient
	closing func() error
}

// What starts a runtime in a folder, and where its CRI socket is then.
type kind struct {
	name  string
	start func(folder string, r *registry) (command *exec.Cmd, socket string, stop func(), err error)
}

func containerd(programs string) kind {
	return kind{"containerd", func(folder string, r *registry) (*exec.Cmd, string, func(), error) {
		config := fmt.Sprintf("version = 3\nroot = %q\nstate = %q\n[grpc]\n  address = %q\n"+
			"[plugins.\"io.containerd.cri.v1.images\".pinned_images]\n  sandbox = \"%s/bench/pause:1\"\n"+
			"[plugins.\"io.containerd.cri.v1.images\".registry]\n  config_path = %q\n"+
			"[plugins.\"io.containerd.cri.v1.runtime\"]\n  restrict_oom_score_adj = true\n",
			folder+"/root", folder+"/run", folder+"/run/containerd.sock", r.address,
			folder+"/certs.d")
		err := os.WriteFile(folder+"/config.toml", []byte(config), 0o600)
		command := exec.Command(programs+"/containerd", "--config", folder+"/config.toml")
		command.Env = append(os.Environ(), "PATH="+programs+":"+os.Getenv("PATH"))
		return command, folder + "/run/containerd.sock", func() { _ = command.Process.Signal(syscall.SIGTERM) }, err
	}}
}

// crij makes layers of one format, EROFS images or directories.
func crij(dist, format string) kind {
	return kind{"CRI-J " + format, func(folder string, r *registry) (*exec.Cmd, string, func(), error) {
		config := fmt.Sprintf("[crij.runtime]\ndefault_runtime = \"runc\"\n[crij.image]\nregistry_hosts_dir = %q\n"+
			"layer_format = %q\n", folder+"/certs.d", format)
		err := os.WriteFile(folder+"/crij.toml", []byte(config), 0o600)
		command := exec.Command(dist+"/bin/crijd", "--config", folder+"/crij.toml", "--root", folder+"/root",
			"--runroot", folder+"/run")
		stop := func() {
			_ = exec.Command(dist+"/bin/crij", "--address", "unix://"+folder+"/run/admin.sock",
				"node", "shutdown", "--with-monitor").Run()
		}
		return command, folder + "/run/crij.sock", stop, err
	}}
}

func start(k kind, folder string, r *registry) (*daemon, error) {
	if err := r.tell(folder + "/certs.d"); err != nil {
		return nil, err
	}
	command, socket, stop, err := k.start(folder, r)
	if err != nil {
		return nil, err
	}
	logs, err := os.Create(folder + ".log")
	if err != nil {
		return nil, err
	}
	defer logs.Close()
	command.Stdout, command.Stderr = logs, logs
	if err := command.Start(); err != nil {
		return nil, err
	}
	d := &daemon{folder: folder, process: command, stop: stop}
	connection, err := grpc.NewClient("passthrough:///"+socket,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(c context.Context, address string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(c, "unix", address)
		}))
	if err != nil {
		return d, err
	}
	d.closing = connection.Close
	d.runtime, d.image = cri.NewRuntimeServiceClient(connection), cri.NewImageServiceClient(connection)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		c, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		_, err = d.runtime.Version(c, &cri.VersionRequest{})
		cancel()
		if err == nil {
			return d, nil
		}
		if time.Now().After(deadline) {
			return d, fmt.Errorf("%s does not answer: %w", k.name, err)
		}
	}
}

func (d *daemon) end() {
	if d.closing != nil {
		_ = d.closing()
	}
	d.stop()
	done := make(chan struct{})
	go func() { _ = d.process.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		_ = d.process.Process.Kill()
		<-done
	}
}

// settle waits until what a runtime does of itself after its start is over: for a second it has used less than 5 % of
// a processor. At most half a minute.
func (d *daemon) settle() {
	before := d.cpu()
	for range 30 {
		time.Sleep(time.Second)
		now := d.cpu()
		if now-before < 0.05 {
			return
		}
		before = now
	}
}

// pids are the runtime's processes.
func (d *daemon) pids() []string {
	var pids []string
	found, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range found {
		if command, err := os.ReadFile(file); err == nil && strings.Contains(string(command), d.folder) {
			pids = append(pids, filepath.Base(filepath.Dir(file)))
		}
	}
	return pids
}

// prefer gives the sessions of the runtime's processes, and this one, their priority: monitors have sessions of their own.
func (d *daemon) prefer() {
	if *priority == 0 {
		return
	}
	for _, pid := range append(d.pids(), "self") {
		_ = os.WriteFile("/proc/"+pid+"/autogroup", []byte(strconv.Itoa(*priority)), 0)
	}
}

// cpu adds up what the runtime's processes have used, their ended children included, in seconds.
func (d *daemon) cpu() float64 {
	ticks := int64(0)
	for _, pid := range d.pids() {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			continue
		}
		text := string(stat)
		fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
		for _, field := range fields[11:15] {
			n, _ := strconv.ParseInt(field, 10, 64)
			ticks += n
		}
	}
	return float64(ticks) / 100
}

// forgetPeak makes the daemon's peak memory what it has now.
func (d *daemon) forgetPeak() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", d.process.Process.Pid), []byte("5"), 0)
}

// peak is the most memory the daemon had resident, in MB.
func (d *daemon) peak() float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.process.Process.Pid))
	for _, line := range strings.Split(string(status), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			n, _ := strconv.ParseFloat(fields[1], 64)
			return n * 1024 / 1e6
		}
	}
	return 0
}
