// Command pause does nothing until it is asked to end: what the images named pause run.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
	// As the first process of a shared PID namespace it inherits the orphans: ignored children leave no zombies.
	signal.Ignore(syscall.SIGCHLD)
	<-end
}
