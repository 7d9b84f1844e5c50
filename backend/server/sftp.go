package server

import (
	"context"
	"log/slog"
	"net"
	"strconv"

	"latchkey/backend/config"
	"latchkey/backend/dialect/alist"
	"latchkey/backend/identity"
	"latchkey/backend/sftpserver"
)

// openSFTP reads or makes the host keys and makes the SFTP server.
func (s *Server) openSFTP(context.Context) error {
	if s.cfg.SFTP == config.Off {
		return nil
	}
	var err error
	s.hostKeys, err = sftpserver.OpenHostKeys(folder(s.cfg.Data).secrets(), s.opts.Env, s.first, s.opts.Log)
	if err != nil {
		return identity.NewError(identity.Unavailable, "host_key_unusable",
			"An SSH host key in the secrets folder cannot be used. Put it back from a backup; or delete it to have a new one made, which every client will notice.").Because(err)
	}
	s.sftp = sftpserver.New(sftpserver.Config{
		Login: s.core.Login, Principals: s.core.Sessions, Connections: s.core.Sessions, Keys: s.core.Store,
		Files: s.files, Folders: s.core.Folders, HostKeys: s.hostKeys, Env: s.opts.Env, Log: s.opts.Log,
	})
	return nil
}

// sftpHere is what clients are told about the SFTP server of this Server.
func (s *Server) sftpHere() alist.SFTP {
	if s.sftpLn == nil {
		return alist.SFTP{Off: true}
	}
	return alist.SFTP{Port: portOf(s.sftpLn.Addr().String()), HostKeys: s.hostKeys.Fingerprints()}
}

// sftpElsewhere is what can be said of it without one: what the settings say
// that a server on this data folder does.
func (c *Core) sftpElsewhere() alist.SFTP {
	if c.cfg.SFTP == config.Off {
		return alist.SFTP{Off: true}
	}
	out := alist.SFTP{Port: portOf(c.cfg.SFTP)}
	dir, log := folder(c.cfg.Data).secrets(), slog.New(slog.DiscardHandler)
	if err := sftpserver.ExamineHostKeys(dir, log); err != nil {
		return out // none yet, or one that its server will complain about
	}
	if keys, err := sftpserver.OpenHostKeys(dir, c.opts.Env, false, log); err == nil {
		out.HostKeys = keys.Fingerprints()
	}
	return out
}

// portOf returns the port of an address, and 0 for one that is yet to be
// picked.
func portOf(addr string) int {
	_, text, err := net.SplitHostPort(addr)
	if err != nil {
		return 0
	}
	port, _ := strconv.Atoi(text) // 0 for what is none
	return port
}
