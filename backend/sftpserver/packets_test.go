package sftpserver

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"latchkey/backend/files"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

// packet builds one of its type and fields: uint32, uint64 and string.
func packet(kind byte, fields ...any) []byte {
	b := []byte{0, 0, 0, 0, kind}
	for _, f := range fields {
		switch f := f.(type) {
		case uint32:
			b = binary.BigEndian.AppendUint32(b, f)
		case uint64:
			b = binary.BigEndian.AppendUint64(b, f)
		case string:
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(f))), f...)
		}
	}
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

// packetOf is a packet of these bytes.
func packetOf(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// A script chooses packets byte by byte.
type script struct{ left []byte }

func (s *script) next() byte {
	if len(s.left) == 0 {
		return 0
	}
	b := s.left[0]
	s.left = s.left[1:]
	return b
}

func (s *script) path() string {
	return pick(s, "/", "/a", "/b", "/d", "/d/a", "/../secret", "a/../../secret", "/.latchkey-tmp", "/con", `\x`, "/\x00", "", "/link/x", "/"+strings.Repeat("n", 300))
}

func (s *script) handle() string { return pick(s, "1", "2", "3", "4", "5", "", "x") }

func (s *script) offset() uint64 { return pick[uint64](s, 0, 1, 1<<40, 1<<62, 1<<63, 1<<64-1) }

func pick[T any](s *script, from ...T) T { return from[int(s.next())%len(from)] }

// packet makes the next packet: a well-formed one, or what comes as it is.
func (s *script) packet() []byte {
	id := uint32(s.next())
	flags := uint32(s.next())
	switch op := s.next() % 27; op {
	case 0:
		return packet(pktOpen, id, s.path(), flags, uint32(4), uint32(s.next()))
	case 1, 2:
		return packet(pktOpen, id, s.path(), pick[uint32](s, 1, 2, 8|2, 8|2|16, 8|2|16|32, 1|2|8, 2|4), uint32(0))
	case 3:
		return packet(pktClose, id, s.handle())
	case 4:
		return packet(pktRead, id, s.handle(), s.offset(), pick[uint32](s, 0, 5, 1<<20, 1<<32-1))
	case 5, 6:
		return packet(pktWrite, id, s.handle(), s.offset(), "content")
	case 7:
		return packet(pktFstat, id, s.handle())
	case 8:
		return packet(pktSetstat, id, s.path(), flags, uint64(s.next()), uint32(s.next()), uint32(0), uint32(0))
	case 9:
		return packet(pktFsetstat, id, s.handle(), pick[uint32](s, 1, 2, 4, 8, 1<<31, 15), s.offset(), flags, flags, flags, flags)
	case 10:
		return packet(pktOpendir, id, s.path())
	case 11:
		return packet(pktReaddir, id, s.handle())
	case 12, 13, 14, 15, 16, 17, 18:
		return packet([]byte{pktRemove, pktMkdir, pktRmdir, pktRealpath, pktStat, pktLstat, pktReadlink}[op-12], id, s.path(), uint32(0))
	case 19:
		return packet(pktRename, id, s.path(), s.path())
	case 20:
		return packet(pktSymlink, id, s.path(), s.path())
	case 21:
		return packet(pktExtended, id, pick(s, "posix-rename@openssh.com", "hardlink@openssh.com", "statvfs@openssh.com", "lsetstat@openssh.com", "home-directory", "users-groups-by-id@openssh.com", ""), s.path(), s.path())
	case 24:
		return packet(pktExtended, id, pick(s, "limits@openssh.com", "fsync@openssh.com"), s.handle())
	case 25, 26:
		return packet(pktExtended, id, "copy-data", s.handle(), s.offset(), s.offset(), s.handle(), s.offset())
	case 22:
		whole := packet(pktStat, id, s.path())
		return whole[:int(s.next())%len(whole)]
	}
	n := int(s.next())
	raw := s.left[:min(len(s.left), n)]
	s.left = s.left[len(raw):]
	return raw
}

// FuzzPackets sends a session anything. It ends, nothing outside the person's
// folder changes, and nothing is left open or lying about.
func FuzzPackets(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 0, 1, 1, 4, 2, 0, 5, 0, 0, 3, 0, 3, 0})
	f.Add([]byte{1, 0, 10, 0, 2, 0, 11, 0, 3, 0, 11, 0, 4, 0, 3, 0})
	f.Add([]byte{1, 0, 1, 1, 4, 2, 0, 9, 0, 1, 3, 4, 3, 0, 23, 40, 0, 0, 0, 255, 3})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 400 {
			return
		}
		r := alone(t)
		s := &script{data}
		sent := packet(pktInit, uint32(3))
		for len(s.left) > 0 {
			sent = append(sent, s.packet()...)
		}
		r.converse(sent)
		for path, content := range tree(t, r.dir) {
			switch {
			case strings.HasPrefix(path, "home/ann"), content == "/", path == "secret" && content == "secret":
			default:
				t.Errorf("there is %s with %q", path, content)
			}
			if strings.Contains(path, ".latchkey-tmp-") {
				t.Errorf("left behind: %s", path)
			}
		}
		if log := r.log.String(); strings.Contains(log, "panicked") || strings.Contains(log, "operation failed") {
			t.Errorf("the log says: %s", log)
		}
	})
}

// A lone session has no SSH around it.
type lone struct {
	t    *testing.T
	w    *world
	ann  *citizen
	conn *conn
	dir  string
	log  *logBook
}

func alone(t *testing.T) *lone {
	t.Helper()
	w := newWorld()
	ann := w.person("ann", everything)
	l := &lone{t: t, w: w, ann: ann, dir: filepath.Join(t.TempDir(), "files"), log: &logBook{}}
	store, err := files.Open(l.dir, env.System())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := os.WriteFile(filepath.Join(l.dir, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	tree, err := store.Tree("/home/ann")
	if err != nil {
		t.Fatal(err)
	}
	_ = tree.Close()
	if err := os.Symlink("../..", filepath.Join(l.dir, "home", "ann", "link")); err != nil {
		t.Fatal(err)
	}
	s := New(Config{Login: w, Principals: w, Connections: w, Keys: w, Files: store, Folders: w, Env: env.System(), Log: slog.New(slog.NewTextHandler(l.log, nil))})
	nowhere, _ := net.Pipe()
	l.conn = &conn{
		server: s, wire: newWire(nowhere, &s.buffers), log: s.Log, proof: proof{who: ann.Principal}, base: files.Path(ann.User.BasePath),
		idle: time.AfterFunc(time.Hour, func() {}),
	}
	l.conn.listed, _ = w.OpenConnection(t.Context(), identity.Session{User: ann.User.ID})
	l.conn.ctx, l.conn.cancel = context.WithCancel(t.Context())
	t.Cleanup(func() { l.conn.close("the end of the test") })
	t.Cleanup(func() { l.conn.idle.Stop() })
	return l
}

// rights changes what the person may do.
func (l *lone) rights(p identity.PathPermission) {
	l.w.change(func() { l.ann.Roles[0].Scopes[0].Permission = p })
}

// converse sends bytes to the session and closes it.
func (l *lone) converse(sent []byte) {
	l.t.Helper()
	_ = l.conn.operate(exchange{bytes.NewReader(sent), io.Discard})
	if n := l.conn.handles.Load(); n != 0 {
		l.t.Errorf("%d handles are open", n)
	}
}

type exchange struct {
	io.Reader
	io.Writer
}

// A client that guesses its handles and does not wait for them disturbs nothing.
func TestHandleUsedBeforeItIsKnown(t *testing.T) {
	l := alone(t)
	sent := packet(pktInit, uint32(3))
	for range 200 {
		sent = append(sent, packet(pktOpen, uint32(1), "/f", uint32(8|2|16), uint32(0))...)
		for handle := range 4 {
			sent = append(sent, packet(pktRead, uint32(2), strconv.Itoa(handle+1), uint64(0), uint32(5))...)
			sent = append(sent, packet(pktWrite, uint32(3), strconv.Itoa(handle+1), uint64(0), "x")...)
		}
		sent = append(sent, packet(pktClose, uint32(4), "1")...)
	}
	l.converse(sent)
}

// FuzzHandshake says anything in place of a key exchange. The connection ends
// and the server goes on.
func FuzzHandshake(f *testing.F) {
	f.Add([]byte("SSH-2.0-x\r\n"))
	f.Add([]byte("SSH-2.0-x\r\n\x00\x00\x00\x00"))
	f.Add([]byte("SSH-2.0-x\r\n\xff\xff\xff\xff\x04\x14"))
	f.Add(append([]byte("SSH-2.0-x\r\n\x00\x00\x00\x2c\x06\x14"), make([]byte, 64)...))
	r := start(f, newWorld(), Limits{Pending: 1 << 20, Connections: 1 << 20, PerAddress: 1 << 20, PendingPerAddress: 1 << 20})
	f.Fuzz(func(t *testing.T, data []byte) {
		nc, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = nc.Write(data)
		_ = nc.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, nc)
		_ = nc.Close()
		if strings.Contains(r.log.String(), "panicked") {
			t.Fatal(r.log)
		}
	})
}
