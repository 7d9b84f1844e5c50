package config

import "os"

// Askpass returns what a program of OpenSSH tells the one that it has a question
// for: at which door of ours to ask (empty: it is none of ours), and whether it
// is only a notice (SSH_ASKPASS_PROMPT in ssh(1)).
func Askpass() (door string, notice bool) {
	return os.Getenv(envPrefix + "ASKPASS"), os.Getenv("SSH_ASKPASS_PROMPT") == "none"
}
