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
	"github.com/moby/spdystream/spdy"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// opened is a connection whose bytes may begin in the reader.
type opened struct {
	net.Conn
	reader *bufio.Reader
}

func (o opened) Read(b []byte) (int, error) { return o.reader.Read(b) }

// upgrade has a connection speak SPDY at the URL that a runtime has answered with.
func upgrade(address, protocol string) (net.Conn, *bufio.Reader, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, nil, err
	}
	connection, err := net.Dial("tcp", target.Host)
	if err != nil {
		return nil, nil, err
	}
	request, _ := http.NewRequest("POST", address, nil)
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", "SPDY/3.1")
	request.Header.Set("X-Stream-Protocol-Version", protocol)
	reader := bufio.NewReaderSize(connection, 256<<10)
	err = request.Write(connection)
	if err == nil {
		var answer *http.Response
		answer, err = http.ReadResponse(reader, request)
		if err == nil && answer.StatusCode != http.StatusSwitchingProtocols {
			err = fmt.Errorf("%s: %s", address, answer.Status)
		}
	}
	if err != nil {
		connection.Close()
		return nil, nil, err
	}
	return connection, reader, nil
}

func dial(address, protocol string) (*spdystream.Connection, error) {
	connection, reader, err := upgrade(address, protocol)
	if err != nil {
		return nil, err
	}
	client, err := spdystream.NewConnection(opened{connection, reader}, false)
	if err != nil {
		return nil, err
	}
	go client.Serve(spdystream.NoOpStreamHandler)
	return client, nil
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

// countStream runs a command and counts what the server sends until it closes the connection, frames and all: Kubernetes'
// client takes as much time for that as the server does.
func (p *peer) countStream(container string, command ...string) (int64, error) {
	c, cancel := limit()
	defer cancel()
	answer, err := p.runtime.Exec(c, &cri.ExecRequest{ContainerId: container, Cmd: command, Stdout: true})
	if err != nil {
		return 0, err
	}
	connection, reader, err := upgrade(answer.Url, "v4.channel.k8s.io")
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	framer, err := spdy.NewFramer(connection, reader)
	if err != nil {
		return 0, err
	}
	for i, kind := range []string{"error", "stdout"} {
		err := framer.WriteFrame(&spdy.SynStreamFrame{
			StreamId: spdy.StreamId(2*i + 1), Headers: http.Header{"streamtype": {kind}}})
		if err != nil {
			return 0, err
		}
	}
	return io.CopyBuffer(io.Discard, onlyReads{reader}, make([]byte, 256<<10))
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
	for range 5 {
		for _, peer := range p.peers {
			start := time.Now()
			got, err := peer.countStream(pods[peer.name].container, "/load", "spam", strconv.FormatInt(bytes, 10))
			if err == nil && got < bytes {
				err = fmt.Errorf("%d bytes of %d", got, bytes)
			}
			if err != nil {
				return fmt.Errorf("exec on %s: %w", peer.name, err)
			}
			p.table.put("Exec, stdout, to a client that only counts", peer.name,
				float64(bytes)/1e6/time.Since(start).Seconds(), "MB/s")
		}
	}
	if err := p.forwards(pods, bytes); err != nil {
		return err
	}
	for _, peer := range p.peers {
		if err := peer.down(newTable(), pods[peer.name]); err != nil {
			return err
		}
	}
	return nil
}

// forwards measures a forwarded port both ways, in turns; its other end is here, in the network of the node and the pods.
func (p *plan) forwards(pods map[string]*pod, bytes int64) error {
	listening, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listening.Close()
	port := listening.Addr().(*net.TCPAddr).Port
	for _, way := range []struct {
		name string
		move func(stream *spdystream.Stream, pod net.Conn) (int64, error)
	}{
		{"PortForward, from the pod", func(stream *spdystream.Stream, pod net.Conn) (int64, error) {
			go func() { _ = send(pod, bytes); pod.Close() }()
			return io.CopyBuffer(io.Discard, onlyReads{stream}, make([]byte, 256<<10))
		}},
		{"PortForward, to the pod", func(stream *spdystream.Stream, pod net.Conn) (int64, error) {
			go func() { _ = send(stream, bytes); stream.Close() }()
			return io.CopyBuffer(io.Discard, onlyReads{pod}, make([]byte, 256<<10))
		}},
	} {
		for range 5 {
			for _, peer := range p.peers {
				start, got := time.Now(), int64(0)
				err := peer.counted(p.table, way.name+", CPU", 1, func() (err error) {
					got, err = peer.forward(pods[peer.name].sandbox, port, listening, way.move)
					return err
				})
				if err == nil && got != bytes {
					err = fmt.Errorf("%d bytes of %d", got, bytes)
				}
				if err != nil {
					return fmt.Errorf("%s on %s: %w", way.name, peer.name, err)
				}
				p.table.put(way.name, peer.name, float64(bytes)/1e6/time.Since(start).Seconds(), "MB/s")
			}
		}
	}
	return nil
}

// forward makes one connection through a pod, and gives what was moved on it.
func (p *peer) forward(sandbox string, port int, listening net.Listener,
	move func(stream *spdystream.Stream, pod net.Conn) (int64, error)) (int64, error) {
	c, cancel := limit()
	defer cancel()
	answer, err := p.runtime.PortForward(c, &cri.PortForwardRequest{PodSandboxId: sandbox, Port: []int32{int32(port)}})
	if err != nil {
		return 0, err
	}
	connection, err := dial(answer.Url, "portforward.k8s.io")
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	var streams []*spdystream.Stream
	for _, kind := range []string{"error", "data"} {
		stream, err := open(connection,
			http.Header{"streamtype": {kind}, "port": {strconv.Itoa(port)}, "requestid": {"1"}})
		if err != nil {
			return 0, err
		}
		streams = append(streams, stream)
	}
	pod, err := listening.Accept()
	if err != nil {
		return 0, err
	}
	defer pod.Close()
	return move(streams[1], pod)
}

// onlyReads keeps io.Copy from ways that only one of the kinds of connections has.
type onlyReads struct{ io.Reader }

// send writes so many bytes in pieces of 32 KiB, as clients that use io.Copy.
func send(to io.Writer, bytes int64) error {
	piece := make([]byte, 32<<10)
	for left := bytes; left > 0; {
		n := min(left, int64(len(piece)))
		if _, err := to.Write(piece[:n]); err != nil {
			return err
		}
		left -= n
	}
	return nil
}
