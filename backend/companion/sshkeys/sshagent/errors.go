package sshagent

import "latchkey/backend/identity"

// What can be wrong with an agent.
var (
	ErrNone = identity.NewError(identity.Unavailable, "ssh_agent_none",
		"No SSH agent is known here. Start one with: eval \"$(ssh-agent)\", or say where its socket is.")
	ErrGone = identity.NewError(identity.Unavailable, "ssh_agent_gone",
		"Nothing answers where the SSH agent should be. It may have ended; sign in again, or start a new one.")
	ErrSlow = identity.NewError(identity.Unavailable, "ssh_agent_slow",
		"The SSH agent does not answer. It may be waiting for you in a window of its own; answer there, and try again.")
	ErrRefused = identity.NewError(identity.PermissionDenied, "ssh_agent_refused",
		"The SSH agent refused that. It may be locked, which ssh-add -X ends, or not do such a thing, such as ask each time.")
	ErrNotThere = identity.NewError(identity.NotFound, "ssh_agent_no_key",
		"The SSH agent does not have that key.")
	ErrLifetime = identity.InvalidField("lifetime", "ssh_agent_lifetime",
		"A key can stay in the agent for 1 second to 10 years. Use something like 8h, or none for as long as the agent runs.")
)
