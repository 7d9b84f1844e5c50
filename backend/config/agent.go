package config

import "os"

// AgentSocket returns where the person's SSH agent listens: SSH_AUTH_SOCK, as
// every program for SSH knows it. Empty: nobody says.
func AgentSocket() string { return os.Getenv("SSH_AUTH_SOCK") }
