// pull measures runtimes that pull the same images from the same registry, in turns, each time started anew in
// a fresh folder: CRI-J with each format of layers, and containerd. It prints medians and CRI-J's share of containerd's.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var (
	rounds   = flag.Int("rounds", 5, "how often each is measured; 0 only makes the images")
	data     = flag.String("data", "", "folder of the registry's images, kept")
	work     = flag.String("work", "", "folder for what is measured, on the disk that is meant")
	peers    = flag.String("containerd", "", "folder of containerd's programs; empty: CRI-J alone")
	dist     = flag.String("dist", "", "folder of CRI-J's programs")
	formats  = flag.String("layers", "erofs,directory", "what CRI-J makes layers; each is measured by itself")
	wanted   = flag.String("images", "nine,single,zstd,small", "which images are pulled")
	listen   = flag.String("listen", "127.0.0.1:29517", "the registry's address")
	parallel = flag.Int("parallel", 4, "pulls at the same time where there are many images")
	diskSize = flag.Int64("disk", 16, "GiB of a file system made for each measurement; 0: the folder's own")
	overTLS  = flag.Bool("tls", false, "pull over TLS, as from registries elsewhere")
	priority = flag.Int("nice", 0, "priority of the sessions of all that is measured, such as -15, on a shared machine")
)

const manySmall = 100

var nine = []float64{.02, .30, .05, .20, .03, .15, .10, .10, .05}

var shapes = []shape{
	{name: "nine", seed: 1, layers: nine, files: 45000},
	{name: "single", seed: 100, layers: []float64{1}, files: 45000},
	{name: "zstd", seed: 1, layers: nine, files: 45000, zstd: true},
}

func small() []shape {
	var made []shape
	for i := range manySmall {
		made = append(made, shape{name: fmt.Sprintf("small-%02d", i), seed: uint64(1000 + 10*i),
			layers: []float64{.5, .3, .2}, files: 30})
	}
	return made
}

type result struct{ wall, cpu, peak, start, remove float64 }

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pull:", err)
		os.Exit(1)
	}
}

func run() error {
	r, err := startRegistry(*listen, *data, *work)
	if r != nil {
		defer r.stop()
	}
	if err != nil {
		return err
	}
	// For containerd, whose pods have one; that of the first container is not measured.
	if err := provide(r, shape{name: "pause", seed: 5000, layers: []float64{1}, files: 1}); err != nil {
		return err
	}
	var kinds []kind
	for _, format := range strings.Split(*formats, ",") {
		kinds = append(kinds, crij(*dist, format))
	}
	if *peers != "" {
		kinds = append(kinds, containerd(*peers))
	}
	fmt.Printf("%-8s %-15s %8s %8s %8s %8s %8s   load %s\n", "image", "", "wall s", "CPU s", "peak MB", "start s", "rm s", load())
	for _, name := range strings.Split(*wanted, ",") {
		set := small()
		if name != "small" {
			set = slices.DeleteFunc(slices.Clone(shapes), func(s shape) bool { return s.name != name })
		}
		for _, s := range set {
			if err := provide(r, s); err != nil {
				return err
			}
		}
		if *rounds == 0 {
			continue
		}
		if err := compare(r, kinds, name, set); err != nil {
			return err
		}
	}
	return nil
}

func provide(r *registry, s shape) error {
	if r.has(s.name) {
		return nil
	}
	folder, err := os.MkdirTemp(*work, "made")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	layers, err := s.generate(folder)
	if err != nil {
		return err
	}
	if len(layers) > 0 && s.files > 1000 {
		size, archive := int64(0), int64(0)
		for _, l := range layers {
			size += l.size
			archive += l.archiveSize
		}
		fmt.Fprintf(os.Stderr, "%s: %d layers, %d MB, %d MB unpacked\n", s.name, len(layers), size/1e6, archive/1e6)
	}
	return r.push(s.name, layers)
}

func compare(r *registry, kinds []kind, name string, set []shape) error {
	results := make([][]result, len(kinds))
	for round := range *rounds {
		for i := range kinds {
			// Who is first changes: the other's writes may still be on their way to the disk.
			k := (i + round) % len(kinds)
			folder := filepath.Join(*work, fmt.Sprintf("%s-%d-%d", name, round, k))
			measured, err := measure(r, kinds[k], folder, set)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", kinds[k].name, name, err)
			}
			results[k] = append(results[k], measured)
		}
	}
	var medians []result
	for k := range kinds {
		m := result{
			median(results[k], func(r result) float64 { return r.wall }),
			median(results[k], func(r result) float64 { return r.cpu }),
			median(results[k], func(r result) float64 { return r.peak }),
			median(results[k], func(r result) float64 { return r.start }),
			median(results[k], func(r result) float64 { return r.remove }),
		}
		medians = append(medians, m)
		fmt.Printf("%-8s %-15s %8.2f %8.2f %8.0f %8.3f %8.3f   load %s\n",
			name, kinds[k].name, m.wall, m.cpu, m.peak, m.start, m.remove, load())
	}
	if *peers != "" {
		b := medians[len(medians)-1]
		for k, a := range medians[:len(medians)-1] {
			fmt.Printf("%-8s %-15s %8.2f %8.2f %8.2f %8.2f %8.2f\n", name, "  "+kinds[k].name[len("CRI-J "):]+" ratio",
				a.wall/b.wall, a.cpu/b.cpu, a.peak/b.peak, a.start/b.start, a.remove/b.remove)
		}
	}
	return nil
}

// load is the machine's load of the last minute, which decides what a wall time says.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	return strings.SplitN(string(text), " ", 2)[0]
}

func median(results []result, of func(result) float64) float64 {
	var values []float64
	for _, r := range results {
		values = append(values, of(r))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func measure(r *registry, k kind, folder string, set []shape) (_ result, failure error) {
	var m result
	if *diskSize > 0 {
		disk, err := newDisk(folder)
		if err != nil {
			return m, err
		}
		defer func() { failure = errors.Join(failure, disk.remove()) }()
	}
	syscall.Sync()
	d, err := start(k, folder, r)
	if d != nil {
		defer d.end()
	}
	if err != nil {
		return m, err
	}
	d.settle()
	d.prefer()
	d.forgetPeak()
	cpu := d.cpu()
	begin := time.Now()
	if err := d.pullAll(r, set); err != nil {
		return m, err
	}
	m.wall, m.cpu, m.peak = time.Since(begin).Seconds(), d.cpu()-cpu, d.peak()
	image := r.reference(set[0].name)
	if m.start, err = d.firstStart(image); err != nil {
		return m, err
	}
	begin = time.Now()
	_, err = d.image.RemoveImage(limit(), &cri.RemoveImageRequest{Image: &cri.ImageSpec{Image: image}})
	m.remove = time.Since(begin).Seconds()
	return m, err
}

func limit() context.Context {
	c, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	context.AfterFunc(c, cancel)
	return c
}

func (d *daemon) pullAll(r *registry, set []shape) error {
	var group sync.WaitGroup
	failures := make(chan error, len(set))
	turns := make(chan struct{}, *parallel)
	for _, s := range set {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			spec := &cri.ImageSpec{Image: r.reference(s.name)}
			if _, err := d.image.PullImage(limit(), &cri.PullImageRequest{Image: spec}); err != nil {
				failures <- err
			}
		})
	}
	group.Wait()
	close(failures)
	return <-failures
}

// firstStart runs a container of an image that was just pulled, and takes it away again.
func (d *daemon) firstStart(image string) (float64, error) {
	config := &cri.PodSandboxConfig{
		Metadata:     &cri.PodSandboxMetadata{Name: "first", Uid: "first", Namespace: "bench"},
		LogDirectory: d.folder + "/logs",
		Linux: &cri.LinuxPodSandboxConfig{
			CgroupParent: "/crij-bench/pull",
			SecurityContext: &cri.LinuxSandboxSecurityContext{
				NamespaceOptions: &cri.NamespaceOption{Network: cri.NamespaceMode_NODE, Pid: cri.NamespaceMode_CONTAINER}}},
	}
	sandbox, err := d.runtime.RunPodSandbox(limit(), &cri.RunPodSandboxRequest{Config: config})
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	container, err := d.runtime.CreateContainer(limit(), &cri.CreateContainerRequest{
		PodSandboxId: sandbox.PodSandboxId, SandboxConfig: config,
		Config: &cri.ContainerConfig{
			Metadata: &cri.ContainerMetadata{Name: "c"}, Image: &cri.ImageSpec{Image: image}, LogPath: "c.log",
			Linux: &cri.LinuxContainerConfig{SecurityContext: &cri.LinuxContainerSecurityContext{
				NamespaceOptions: config.Linux.SecurityContext.NamespaceOptions}}},
	})
	if err != nil {
		return 0, err
	}
	_, err = d.runtime.StartContainer(limit(), &cri.StartContainerRequest{ContainerId: container.ContainerId})
	taken := time.Since(begin).Seconds()
	if err != nil {
		return 0, err
	}
	_, err = d.runtime.StopContainer(limit(), &cri.StopContainerRequest{ContainerId: container.ContainerId})
	if err != nil {
		return 0, err
	}
	if _, err = d.runtime.StopPodSandbox(limit(), &cri.StopPodSandboxRequest{PodSandboxId: sandbox.PodSandboxId}); err != nil {
		return 0, err
	}
	_, err = d.runtime.RemovePodSandbox(limit(), &cri.RemovePodSandboxRequest{PodSandboxId: sandbox.PodSandboxId})
	return taken, err
}
