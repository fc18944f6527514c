package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A file system of its own for one measurement: what was deleted shortly before costs nothing there. ext4 without a
// journal, as in some virtual machines, steps over each inode that was freed in the last minute whenever it makes a
// file, so that whoever unpacks after another measurement paid seconds for it.
type disk struct{ file, device, folder string }

// newDisk mounts an empty ext4 in folder, in a sparse file beside it.
func newDisk(folder string) (*disk, error) {
	d := &disk{file: folder + ".disk", folder: folder}
	if err := d.make(); err != nil {
		return nil, errors.Join(err, d.remove())
	}
	return d, nil
}

func (d *disk) make() error {
	file, err := os.Create(d.file)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Truncate(*diskSize<<30), file.Close(), os.MkdirAll(d.folder, 0o700)); err != nil {
		return err
	}
	// No thread of the kernel that goes on with making it.
	if _, err := tool("mkfs.ext4", "-q", "-E", "lazy_itable_init=1,nodiscard", d.file); err != nil {
		return err
	}
	// Direct: otherwise all would be cached twice.
	device, err := tool("losetup", "--find", "--show", "--direct-io=on", d.file)
	if err != nil {
		return err
	}
	d.device = strings.TrimSpace(device)
	_, err = tool("mount", "-o", "noinit_itable", d.device, d.folder)
	return err
}

// remove takes away what there is of it.
func (d *disk) remove() error {
	var failures []error
	if mounted, _ := filepath.Glob(filepath.Join(d.folder, "lost+found")); len(mounted) > 0 {
		_, err := tool("umount", "--recursive", d.folder)
		failures = append(failures, err)
	}
	if d.device != "" {
		_, err := tool("losetup", "--detach", d.device)
		failures = append(failures, err)
	}
	return errors.Join(append(failures, os.Remove(d.file))...)
}

func tool(name string, arguments ...string) (string, error) {
	output, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(arguments, " "), err, output)
	}
	return string(output), nil
}
