// Package sshagent speaks with the person's SSH agent: that of OpenSSH or of
// a password manager by its socket, Pageant on Windows. It lists, adds and
// removes keys, and hands out signers that sign through the agent.
//
// An agent is another program, which may be absent, locked, or wait for a
// person to answer: each call ends with its context or after a while, and says
// in words what was the matter. The environment is not read here; whoever
// calls knows where the agent is.
package sshagent
