package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/moby/spdystream"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// opened is a connection whose bytes may begin in the reader.
type opened struct {
	net.Conn
	reader *bufio.Reader
}

func (o opened) Read(b []byte) (int, error) { return o.reader.Read(b) }

// dial upgrades to SPDY at the URL that a runtime has answered with.
func dial(address, protocol string) (*spdystream.Connection, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	connection, err := net.Dial("tcp", target.Host)
	if err != nil {
		return nil, err
	}
	request, _ := http.NewRequest("POST", address, nil)
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", "SPDY/3.1")
	request.Header.Set("X-Stream-Protocol-Version", protocol)
	if err := request.Write(connection); err != nil {
		return nil, err
	}
	reader := bufio.NewReaderSize(connection, 256<<10)
	answer, err := http.ReadResponse(reader, request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("%s: %s", address, answer.Status)
	}
	spdy, err := spdystream.NewConnection(opened{connection, reader}, false)
	if err != nil {
		return nil, err
	}
	go spdy.Serve(spdystream.NoOpStreamHandler)
	return spdy, nil
}

func open(connection *spdystream.Connection, header http.Header) (*spdystream.Stream, error) {
	stream, err := connection.CreateStream(header, nil, false)
	if err != nil {
		return nil, err
	}
	return stream, stream.WaitTimeout(30 * time.Second)
}

// execStream runs a command and gives its output: when the first byte came, and how many there were.
func (p *peer) execStream(container string, command ...string) (first time.Duration, bytes int64, err error) {
	c, cancel := limit()
	defer cancel()
	start := time.Now()
	answer, err := p.runtime.Exec(c, &cri.ExecRequest{ContainerId: container, Cmd: command, Stdout: true})
	if err != nil {
		return 0, 0, err
	}
	connection, err := dial(answer.Url, "v4.channel.k8s.io")
	if err != nil {
		return 0, 0, err
	}
	defer connection.Close()
	failure, err := open(connection, http.Header{"streamtype": {"error"}})
	if err != nil {
		return 0, 0, err
	}
	stdout, err := open(connection, http.Header{"streamtype": {"stdout"}})
	if err != nil {
		return 0, 0, err
	}
	buffer := make([]byte, 256<<10)
	n, err := stdout.Read(buffer)
	if err != nil {
		return 0, 0, err
	}
	first = time.Since(start)
	rest, err := io.CopyBuffer(io.Discard, stdout, buffer)
	if err != nil {
		return 0, 0, err
	}
	_, _ = io.ReadAll(failure)
	return first, int64(n) + rest, nil
}

// streams measures exec to the first byte, and what a command writes, in turns.
func (p *plan) streams(execs int, bytes int64) error {
	if execs == 0 {
		return nil
	}
	pods := map[string]*pod{}
	for _, peer := range p.peers {
		made, err := peer.up(newTable(), p.image, p.logs, true, "wait")
		if err != nil {
			return err
		}
		pods[peer.name] = made
	}
	for i := range execs + 10 {
		for _, peer := range p.peers {
			first, _, err := peer.execStream(pods[peer.name].container, "/load", "spam", "100")
			if err != nil {
				return fmt.Errorf("exec on %s: %w", peer.name, err)
			}
			if i >= 10 {
				p.table.add("Exec, first byte", peer.name, first)
			}
		}
	}
	for range 5 {
		for _, peer := range p.peers {
			start, got := time.Now(), int64(0)
			if err := peer.counted(p.table, "Exec, stdout, CPU", 1, func() (err error) {
				_, got, err = peer.execStream(pods[peer.name].container, "/load", "spam", strconv.FormatInt(bytes, 10))
				return err
			}); err != nil {
				return fmt.Errorf("exec on %s: %w", peer.name, err)
			}
			if got != bytes {
				return fmt.Errorf("exec on %s: %d bytes of %d", peer.name, got, bytes)
			}
			p.table.put("Exec, stdout", peer.name, float64(bytes)/1e6/time.Since(start).Seconds(), "MB/s")
		}
	}
	for _, peer := range p.peers {
		if err := peer.down(newTable(), pods[peer.name]); err != nil {
			return err
		}
	}
	return nil
}
