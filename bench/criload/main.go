// criload measures two CRI runtimes against each other, in turns, on one machine.
//
//	criload --crij DIR --crij-socket FILE --peer DIR --peer-socket FILE --network FILE [--only STEPS] [--nice N] …
//
// DIR is a folder as in daemon.go. It prints medians, p99 and ratios; CPU is that of a runtime's processes and of all they
// start. Its third runtime is none: the same calls of OCI runtime and plugins, and nothing else (bare.go).
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// The columns.
const (
	crijName = "crij"
	peerName = "containerd"
	bareName = "bare"
)

func main() {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		inContainer(os.Args[1:])
		return
	}
	if err := measure(); err != nil {
		fmt.Fprintln(os.Stderr, "criload:", err)
		os.Exit(1)
	}
}

// inContainer is what the image's program does.
func inContainer(args []string) {
	switch args[0] {
	case "wait":
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		<-stop
	case "spam":
		left, _ := strconv.ParseInt(args[1], 10, 64)
		lines := []byte(strings.Repeat(strings.Repeat("x", 99)+"\n", 655))
		for left > 0 {
			n := min(left, int64(len(lines)))
			if _, err := os.Stdout.Write(lines[:n]); err != nil {
				os.Exit(1)
			}
			left -= n
		}
	}
}

type plan struct {
	table   *table
	peers   []*peer
	images  *registry
	image   string
	logs    string
	network string
	nice    int
}

func measure() error {
	p := &plan{table: newTable()}
	crij := daemon{}
	flag.StringVar(&crij.folder, "crij", "", "folder of CRI-J")
	crijSocket := flag.String("crij-socket", "", "its CRI socket")
	other := daemon{}
	flag.StringVar(&other.folder, "peer", "", "folder of containerd")
	otherSocket := flag.String("peer-socket", "", "its CRI socket")
	flag.StringVar(&p.network, "network", "", "the CNI configuration that both have")
	flag.IntVar(&p.nice, "nice", 0, "of all sessions; below 0 for a machine that is shared")
	only := flag.String("only", "first,calls,pods,parallel,log,streams,stats,crowd", "what to measure, with commas between")
	pods := flag.Int("pods", 50, "pods one after the other, each way")
	hold := flag.Int("hold", 100, "pods at once, for memory, lists and the restart")
	alone := flag.Bool("alone", false, "without containerd")
	spam := flag.Int64("logs", 200_000_000, "bytes of 100-byte lines through the log")
	execs := flag.Int("execs", 200, "commands executed with streams")
	output := flag.Int64("output", 1_000_000_000, "bytes that a command writes to its stream")
	address := flag.String("registry", "127.0.0.1:0", "where the image is served")
	flag.Parse()

	var err error
	if p.images, err = startRegistry(*address); err != nil {
		return err
	}
	p.image = p.images.reference("1")
	if p.logs, err = os.MkdirTemp("", "criload"); err != nil {
		return err
	}
	defer os.RemoveAll(p.logs)
	p.peers = []*peer{{daemon: &crij, name: crijName, socket: *crijSocket}}
	if !*alone {
		p.peers = append(p.peers, &peer{daemon: &other, name: peerName, socket: *otherSocket})
	}
	prefer(p.nice, "self")
	defer func() {
		for _, peer := range p.peers {
			peer.end()
		}
	}()
	for _, peer := range p.peers {
		if err := peer.begin(p.nice); err != nil {
			return err
		}
	}
	wanted := strings.Split(*only, ",")
	fmt.Print("load before: ", load())
	if err := p.pull(p.image, newTable()); err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		run  func() error
	}{
		{"first", func() error { return p.first(5) }},
		{"calls", p.calls},
		{"pods", func() error { return p.lifecycle(*pods) }},
		{"parallel", func() error { return p.parallel(3, 5) }},
		{"log", func() error { return p.flood(*spam) }},
		{"streams", func() error { return p.streams(*execs, *output) }},
		{"stats", func() error { return p.stats(*hold, 20) }},
		{"crowd", func() error { return p.crowd(*hold) }},
	} {
		if slices.Contains(wanted, step.name) {
			if err := step.run(); err != nil {
				return fmt.Errorf("%s: %w", step.name, err)
			}
		}
	}
	p.table.print(crijName, peerName, bareName)
	fmt.Print("load after: ", load())
	return nil
}

func (p *plan) pull(image string, t *table) error {
	for _, peer := range p.peers {
		err := call(t, peer, "PullImage", func(c context.Context) error {
			_, err := peer.image.PullImage(c, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: image}})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
