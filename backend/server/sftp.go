package server

import (
	"context"

	"latchkey/backend/config"
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
		Login: s.core.Login, Principals: s.core.Sessions, Keys: s.core.Store, Files: s.files, HostKeys: s.hostKeys,
		Env: s.opts.Env, Log: s.opts.Log,
	})
	return nil
}
