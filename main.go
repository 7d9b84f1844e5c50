// Command latchkey is a server for sign-in, devices, keys and files over HTTP
// and SFTP, and the tools to look after it.
package main

import (
	"os"

	"latchkey/backend/cli"
)

// version is set by the linker.
var version = "dev"

func main() {
	os.Exit(cli.Run(os.Args[1:], version, cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
