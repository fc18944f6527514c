package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// conmonJ is one process for all containers, driven by its protocol (proto/src/main/proto/monitor.proto).
type conmonJ struct {
	runtime string
	cmd     *exec.Cmd
	conn    net.Conn
	id      uint64
}

// Field numbers of monitor.proto.
const (
	requestID, requestCreate, requestForget          = 1, 6, 9
	createID, createRuntime, createBundle, createLog = 1, 2, 3, 4
	runtimePath, logPath, forgetID                   = 1, 1, 1
	fromReply, replyID, replyFailure                 = 1, 1, 2
)

func startConmonJ(program []string, runtime, dir string) (*conmonJ, error) {
	log, err := os.Create(filepath.Join(dir, "conmon-j.log"))
	if err != nil {
		return nil, err
	}
	runroot := filepath.Join(dir, "run")
	if err := os.Mkdir(runroot, 0o711); err != nil {
		return nil, err
	}
	cmd := exec.Command(program[0], append(program[1:], "--runroot", runroot)...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &conmonJ{runtime: runtime, cmd: cmd}
	for range 500 {
		if c.conn, err = net.Dial("unix", filepath.Join(runroot, "monitor", "conmon.sock")); err == nil {
			return c, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.close()
	return nil, err
}

func (c *conmonJ) name() string { return "conmon-j" }

func (c *conmonJ) create(b bundle) (int, error) {
	var create []byte
	create = text(create, createID, b.id)
	create = message(create, createRuntime, text(nil, runtimePath, c.runtime))
	create = text(create, createBundle, b.dir)
	create = message(create, createLog, text(nil, logPath, b.log))
	return c.cmd.Process.Pid, c.call(requestCreate, create)
}

func (c *conmonJ) forget(b bundle) error {
	// The monitor sees the process end a moment after the log is whole.
	var err error
	for range 100 {
		if err = c.call(requestForget, text(nil, forgetID, b.id)); err == nil {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

func (c *conmonJ) close() {
	if c.conn != nil {
		c.conn.Close()
	}
	c.cmd.Process.Signal(syscall.SIGTERM)
	c.cmd.Wait()
}

func (c *conmonJ) call(op protowire.Number, body []byte) error {
	c.id++
	request := protowire.AppendVarint(protowire.AppendTag(nil, requestID, protowire.VarintType), c.id)
	request = message(request, op, body)
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(request)))
	if _, err := c.conn.Write(append(frame, request...)); err != nil {
		return err
	}
	header := make([]byte, 4)
	if _, err := io.ReadFull(c.conn, header); err != nil {
		return err
	}
	answer := make([]byte, binary.BigEndian.Uint32(header))
	if _, err := io.ReadFull(c.conn, answer); err != nil {
		return err
	}
	if failure := field(field(answer, fromReply), replyFailure); failure != nil {
		return fmt.Errorf("conmon-j: %q", failure)
	}
	return nil
}

func text(b []byte, number protowire.Number, value string) []byte {
	return message(b, number, []byte(value))
}

func message(b []byte, number protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), value)
}

// field finds a message in a message; nil if it is not there.
func field(b []byte, wanted protowire.Number) []byte {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil
		}
		b = b[n:]
		if number == wanted && kind == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(b)
			return value
		}
		if n = protowire.ConsumeFieldValue(number, kind, b); n < 0 {
			return nil
		}
		b = b[n:]
	}
	return nil
}
