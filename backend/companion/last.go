package companion

import (
	"os"
	"strings"

	"latchkey/backend/companion/servers"
	"latchkey/backend/internal/disk"
)

// maxLast bounds what is read, in bytes.
const maxLast = 64

// LastUsed returns the server that was used last, for who names none. It may
// have left the list since; none is "".
func (c *Companion) LastUsed() servers.ID {
	text, err := os.ReadFile(c.last)
	if err != nil || len(text) > maxLast {
		return ""
	}
	return servers.ID(strings.TrimSpace(string(text)))
}

// Use notes that a server is used. That it cannot be written down is no reason
// not to use it.
func (c *Companion) Use(id servers.ID) {
	if c.LastUsed() != id {
		_ = disk.Replace(c.last, 0o600, []byte(id+"\n"))
	}
}
