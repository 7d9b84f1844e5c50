package sftpserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/files"
	"latchkey/backend/identity"
)

var errKeyFolder = identity.NewError(identity.NotFound, "key_folder_missing",
	"The folder that this key opens is not there. Make it with another key, or in another way.")

// answer refuses every global request but signs of life: there is no
// forwarding.
func (c *conn) answer(reqs <-chan *ssh.Request) {
	for req := range reqs {
		_ = req.Reply(req.Type == "keepalive@openssh.com", nil)
	}
}

// serveChannels takes sessions, a few at a time, and refuses every other
// channel.
func (c *conn) serveChannels(chans <-chan ssh.NewChannel) {
	for nc := range chans {
		switch {
		case nc.ChannelType() != "session":
			_ = nc.Reject(ssh.UnknownChannelType, "this server speaks SFTP only")
		case c.channels.Load() >= int64(c.server.Limits.Channels):
			_ = nc.Reject(ssh.ResourceShortage, "too many channels are open")
		default:
			c.channels.Add(1)
			c.spawn(func() {
				defer c.channels.Add(-1)
				c.serveSession(nc)
			})
		}
	}
}

// serveSession waits for the subsystem sftp, refuses every other request, and
// goes on refusing until the channel is closed. What a client sends to a session
// without SFTP stays in memory, and it need not answer when the session is
// closed, so one that does not start ends the connection.
func (c *conn) serveSession(nc ssh.NewChannel) {
	ch, reqs, err := nc.Accept()
	if err != nil {
		return
	}
	defer func() { _ = ch.Close() }()
	late := time.AfterFunc(c.server.Limits.Start, func() { c.close("a session did not start SFTP") })
	defer late.Stop()
	started := false
	for req := range reqs {
		ok := !started && isSFTP(req)
		_ = req.Reply(ok, nil)
		if ok {
			started = true
			late.Stop()
			c.spawn(func() { c.serveSFTP(ch) })
		}
	}
}

func isSFTP(req *ssh.Request) bool {
	var subsystem struct{ Name string }
	return req.Type == "subsystem" && ssh.Unmarshal(req.Payload, &subsystem) == nil && subsystem.Name == "sftp"
}

func (c *conn) serveSFTP(ch ssh.Channel) {
	defer func() { _ = ch.Close() }()
	var exit struct{ Status uint32 } // RFC 4254, section 6.10
	if err := c.operate(ch); err != nil && !errors.Is(err, io.EOF) {
		c.log.DebugContext(c.ctx, "SFTP session ended", slog.Any("err", err))
		exit.Status = 1
		if errors.Is(err, errKeyFolder) {
			_, _ = io.WriteString(ch.Stderr(), errKeyFolder.Message+"\r\n")
		}
	}
	_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(exit))
}

// operate answers SFTP requests until there are no more.
func (c *conn) operate(rw io.ReadWriter) error {
	tree, err := c.openTree()
	if err != nil {
		return fmt.Errorf("open base folder: %w", err)
	}
	defer func() { _ = tree.Close() }()
	return newSession(c, tree, traffic{rw, c}).serve()
}

// openTree opens the person's files, or what the key opens of them.
func (c *conn) openTree() (*files.Tree, error) {
	whole, err := c.server.Files.TreeFor(files.View{
		Base:  c.proof.who.User.BasePath,
		Limit: func() int64 { return c.standing.Load().who.User.StorageLimit },
		Pass:  c.server.Folders.Pass(context.WithoutCancel(c.ctx), c.now, door, c.from), // also asked when the connection was lost
	})
	if err != nil || c.proof.key.Rules.Folder == "" {
		return whole, err
	}
	defer func(t *files.Tree) { _ = t.Close() }(whole)
	folder, err := files.ParsePath(c.proof.key.Rules.Folder)
	if err == nil {
		whole, err = whole.Part(folder)
	}
	if err != nil {
		return nil, errKeyFolder.Because(err)
	}
	return whole, nil
}

// traffic tells that there is some. Signs of life and key exchanges do not come
// by here, so they keep no idle connection open.
type traffic struct {
	io.ReadWriter
	conn *conn
}

func (t traffic) Read(b []byte) (int, error) {
	t.conn.touch()
	n, err := t.ReadWriter.Read(b)
	return n, err
}

func (t traffic) Write(b []byte) (int, error) {
	t.conn.touch()
	t.conn.wire.hold()
	defer t.conn.wire.release()
	return t.ReadWriter.Write(b)
}
