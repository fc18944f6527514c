// monitor measures conmon-j against conmon on one machine in one run, in turns: bytes logged per CPU second, the time a
// line takes to its log beside a container that writes without pause, and the memory of containers that are quiet.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "monitor:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "runtime":
			return runtime(args[1:])
		case "flood":
			return flood(args[1:])
		case "probe":
			return probe(args[1:])
		}
	}
	return bench(args)
}

func bench(args []string) error {
	flags := flag.NewFlagSet("monitor", flag.ContinueOnError)
	program := flags.String("conmon-j", "conmon-j", "the program and its arguments")
	peer := flags.String("conmon", "/usr/bin/conmon", "the peer")
	dir := flags.String("dir", "", "an empty directory for logs, on the file system to be measured")
	crijd := flags.String("crijd", "", "also measures memory beside this program of the same image")
	only := flags.String("only", "first,speed,delay,memory", "what to measure")
	var o options
	flags.StringVar(&o.shape, "shape", "", "only the ways of writing whose names contain this")
	flags.IntVar(&o.megabytes, "mb", 400, "what is written in each run")
	flags.IntVar(&o.rounds, "rounds", 5, "of which the median is taken")
	flags.IntVar(&o.nice, "nice", 0, "of monitors and writers, as sessions; below 0 for a machine that is shared")
	flags.BoolVar(&o.alone, "alone", false, "wait until nothing else runs, and repeat a round beside which something did")
	flags.IntVar(&o.containers, "containers", 500, "quiet containers")
	if err := flags.Parse(args); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	o.self = self
	script := filepath.Join(*dir, "runtime")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nexec '"+self+"' runtime \"$@\"\n"), 0o700); err != nil {
		return err
	}
	o.dir = *dir
	j, err := startConmonJ(strings.Fields(*program), script, *dir)
	if err != nil {
		return err
	}
	defer j.close()
	c, err := newConmon(*peer, script, *dir)
	if err != nil {
		return err
	}
	monitors := []monitor{c, j}
	// First, while its heap is as small as it starts.
	if strings.Contains(*only, "memory") {
		if err := o.memory(j, *crijd); err != nil {
			return err
		}
	}
	if strings.Contains(*only, "first") {
		if err := o.first(strings.Fields(*program), script); err != nil {
			return err
		}
	}
	if strings.Contains(*only, "speed") {
		if err := o.speed(monitors); err != nil {
			return err
		}
	}
	if strings.Contains(*only, "delay") {
		return o.delay(monitors)
	}
	return nil
}
