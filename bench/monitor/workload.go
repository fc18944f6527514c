package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// The last line of a flood: when it is in the log, all is.
const lastLine = "this was the last line\n"

const setPipeSize = 1031

// flood writes lines of a length in writes of a size, after the FIFO "go" was opened, and ends when "end" was.
// args: LINE WRITE TOTAL PIPE GO END; PIPE is the size to give to the pipe, 0 to leave it.
func flood(args []string) error {
	var n [4]int
	for i := range n {
		v, err := strconv.Atoi(args[i])
		if err != nil {
			return err
		}
		n[i] = v
	}
	line, write, total, pipe := n[0], n[1], n[2], n[3]
	text := make([]byte, line+write)
	for i := range text {
		if i%line == line-1 {
			text[i] = '\n'
		} else {
			text[i] = byte('a' + i%26)
		}
	}
	if err := opened(args[4]); err != nil {
		return err
	}
	if pipe > 0 {
		if _, _, errno := syscall.RawSyscall(syscall.SYS_FCNTL, 1, setPipeSize, uintptr(pipe)); errno != 0 {
			return errno
		}
	}
	phase := 0
	for left := total / line * line; left > 0; {
		n, err := writeRaw(text[phase : phase+min(write, left)])
		if err != nil {
			return err
		}
		left -= n
		phase = (phase + n) % line
	}
	if _, err := writeRaw([]byte(lastLine)); err != nil {
		return err
	}
	return opened(args[5])
}

// Without Go's poller and scheduler, which would cost more than the write.
func writeRaw(b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, 1, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// opened waits for somebody to open a FIFO for writing.
func opened(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}

// probe writes lines that say when they were written. args: COUNT GO END.
func probe(args []string) error {
	count, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	if err := opened(args[1]); err != nil {
		return err
	}
	for range count {
		if _, err := fmt.Printf("%d\n", time.Now().UnixNano()); err != nil {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
	if _, err := fmt.Print(lastLine); err != nil {
		return err
	}
	return opened(args[2])
}
