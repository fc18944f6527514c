package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// runtime plays the OCI runtime: "create" starts the command line in the bundle's file argv, one argument a line, and
// leaves it to the monitor that called. A container would only add its own noise to what is measured.
func runtime(args []string) error {
	bundle, pidFile, create := "", "", false
	for i := 0; i+1 < len(args); i++ {
		switch args[i] {
		case "create":
			create = true
		case "--bundle":
			bundle = args[i+1]
		case "--pid-file":
			pidFile = args[i+1]
		}
	}
	if !create {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(bundle, "argv"))
	if err != nil {
		return err
	}
	argv := strings.Split(strings.TrimSpace(string(text)), "\n")
	child := exec.Command(argv[0], argv[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := child.Start(); err != nil {
		return err
	}
	return os.WriteFile(pidFile, []byte(fmt.Sprint(child.Process.Pid)), 0o600)
}
