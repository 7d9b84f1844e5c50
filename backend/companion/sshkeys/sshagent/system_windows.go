package sshagent

import sshagent "github.com/xanzy/ssh-agent"

// ofSystem connects to Pageant, or to the agent that comes with Windows.
func ofSystem() (*Agent, error) {
	to, _, err := sshagent.New()
	if err != nil {
		return nil, ErrNone.Because(err)
	}
	return &Agent{to: to}, nil
}
