package app

import (
	"cmp"
	"context"
	"net"
	"runtime"
	"strconv"
	"strings"

	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/sshkeys/connect"
)

// A Connection is how another program reaches a server's files.
type Connection struct {
	Command  string   `json:"command"` // of OpenSSH, quoted for a shell of this computer; empty: the own server has SFTP turned off
	Host     string   `json:"host"`
	Port     int      `json:"port"`
	Username string   `json:"username"`
	HostKeys []string `json:"hostKeys"` // fingerprints to compare at first sight; empty if they are not known here
}

// Connect tells how to connect, with a key of this computer if its path is
// given. It asks nobody.
func (k *Keys) Connect(r KeyRef) (Connection, error) {
	return ask(k.d, atOnce, func(ctx context.Context) (Connection, error) {
		c, _, err := k.d.connection(ctx, r.ID)
		if err == nil && c.Port != 0 {
			c.Command = c.command(r.Key, runtime.GOOS)
		}
		return c, err
	})
}

// connection tells where a server's SFTP is and who signs in there, without the
// command.
func (d *desk) connection(ctx context.Context, id string) (Connection, servers.Server, error) {
	s, err := d.companion.Servers.Server(ctx, servers.ID(id))
	if err != nil {
		return Connection{}, s, err
	}
	st, err := d.companion.Servers.Status(ctx, s.ID)
	if err != nil {
		return Connection{}, s, err
	}
	c := Connection{Host: s.SFTP.Host, Port: s.SFTP.Port, Username: cmp.Or(s.Username, st.Me.Username), HostKeys: []string{}}
	if s.Own {
		c.own(d.ownStatus())
	}
	return c, s, nil
}

// sftpOf is connection for a server that has SFTP. Returns ssh_sftp_off.
func (d *desk) sftpOf(ctx context.Context, id string) (Connection, servers.Server, error) {
	c, s, err := d.connection(ctx, id)
	if err == nil && c.Port == 0 {
		err = connect.ErrOff
	}
	return c, s, err
}

// target is the account as the client of SSH takes it.
func (c *Connection) target() connect.Target {
	return connect.Target{Host: c.Host, Port: c.Port, User: c.Username}
}

// own fills in what is known of the own server: where it listens now, or will.
func (c *Connection) own(st OwnStatus) {
	c.Port = st.Settings.SFTPPort
	if host, _, err := net.SplitHostPort(st.SFTP); err == nil {
		c.Host, c.Port = host, portOf(st.SFTP)
	}
	c.HostKeys = st.HostKeys
}

// command writes the command line for OpenSSH's sftp. With a key it offers that
// one only: servers hang up on who tries too many.
func (c *Connection) command(key, goos string) string {
	words := []string{"sftp"}
	if c.Port != 22 {
		words = append(words, "-P", strconv.Itoa(c.Port))
	}
	switch {
	case strings.Contains(key, "%"): // which ssh expands, but not before it has looked whether the file of -i is there
		words = append(words, "-o", "IdentityFile="+escapeOption(strings.ReplaceAll(key, "%", "%%")), "-o", "IdentitiesOnly=yes")
	case key != "":
		words = append(words, "-i", key, "-o", "IdentitiesOnly=yes")
	}
	host := c.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if plainWord(c.Username) {
		words = append(words, c.Username+"@"+host)
	} else { // what sftp would take for something else before an @
		words = append(words, "-o", "User="+escapeOption(c.Username), host)
	}
	quote := quoteForShell
	if goos == "windows" {
		quote = quoteForWindows
	}
	for i, w := range words {
		words[i] = quote(w)
	}
	return strings.Join(words, " ")
}

// escapeOption keeps the value of an option of ssh together (ssh_config(5)).
func escapeOption(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, `'`, `\'`, ` `, `\ `).Replace(s)
}

const unquoted = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@_+=:./-"

func quoteForShell(word string) string {
	if strings.Trim(word, unquoted) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// quoteForWindows quotes so that both cmd and PowerShell understand it, or where
// no such way is PowerShell, which is what Windows opens.
func quoteForWindows(word string) string {
	switch {
	case strings.Trim(word, unquoted+`\`) == "":
		return word
	case strings.ContainsAny(word, "\"$`%“”„‘’‚‛") || strings.HasSuffix(word, `\`): // PowerShell takes curly quotes for straight ones
		return "'" + strings.NewReplacer("'", "''", "‘", "‘‘", "’", "’’", "‚", "‚‚", "‛", "‛‛").Replace(word) + "'"
	}
	return `"` + word + `"`
}
