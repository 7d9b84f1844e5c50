package server

import "runtime"

// ShareCores makes room beside password hashes: a hash keeps a core busy for
// tens of milliseconds, and with all of Go's processors hashing, the network is
// looked at late. With twice as many processors as cores the operating system
// shares the cores out instead (BenchmarkSignInCrowd shows the difference). It
// returns what Options.Hashes is to be. A program calls it once, at its start.
func ShareCores() (hashes int) {
	cores := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(2 * cores)
	return cores
}
