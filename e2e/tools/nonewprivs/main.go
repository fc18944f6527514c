// Command nonewprivs prints its effective user: its file is set-uid root, and no_new_privs must make that void.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Printf("Effective uid: %d\n", os.Geteuid())
}
