package sftpserver

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"latchkey/backend/identity"
)

// An answer is what came back for a request.
type answer struct {
	kind kind
	id   uint32
	body
}

// ask sends requests to the session and returns the answers.
func (l *lone) ask(requests ...[]byte) []answer {
	l.t.Helper()
	var said bytes.Buffer
	_ = l.conn.operate(exchange{bytes.NewReader(slices.Concat(requests...)), &said})
	var out []answer
	r := requestsOf(&said)
	for {
		p, err := r.next()
		if err != nil {
			return out
		}
		a := answer{kind: p[0], body: body{data: bytes.Clone(p[1:])}}
		a.id = a.uint32()
		out = append(out, a)
	}
}

// requestsOf reads packets from what waits for nobody.
func requestsOf(from io.Reader) *requests {
	return &requests{from: ahead{Reader: from}, buffers: &buffers{}, waiting: func() {}}
}

// status is the status of an answer, or 99 if it is another kind of answer.
func (a answer) status() status {
	if a.kind != pktStatus {
		return 99
	}
	return status(a.uint32())
}

func (l *lone) put(name, content string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, "home", "ann", name), []byte(content), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lone) content(name string) string {
	l.t.Helper()
	b, err := os.ReadFile(filepath.Join(l.dir, "home", "ann", name))
	if err != nil {
		l.t.Error(err)
	}
	return string(b)
}

func TestExtensionsAreTold(t *testing.T) {
	a := alone(t).ask(packet(pktInit, uint32(3)))
	if len(a) != 1 || a[0].kind != pktVersion || a[0].id != 3 {
		t.Fatalf("%v", a)
	}
	told := map[string]string{}
	for len(a[0].data) > 0 {
		name := a[0].string()
		told[name] = a[0].string()
	}
	for _, e := range extensions() {
		if told[e.name] != e.version {
			t.Errorf("%s is told as %q", e.name, told[e.name])
		}
	}
	if len(told) != 8 || told["hardlink@openssh.com"] != "" {
		t.Errorf("told: %v", told)
	}
}

func TestExtensions(t *testing.T) {
	ext := func(name string, fields ...any) []byte {
		return packet(pktExtended, append([]any{uint32(7), name}, fields...)...)
	}
	l := alone(t)
	l.put("f", "hello")
	got := l.ask(
		ext("limits@openssh.com"),
		ext("home-directory", "ann"),
		ext("home-directory", ""),
		ext("home-directory", "bob"),
		ext("users-groups-by-id@openssh.com", "\x00\x00\x00\x00\x00\x00\x03\xe8", "\x00\x00\x00\x01"),
		ext("users-groups-by-id@openssh.com", "odd", ""),
		ext("users-groups-by-id@openssh.com", strings.Repeat("\x00\x00\x00\x01", 60_000), ""),
		ext("lsetstat@openssh.com", "/f", uint32(hasMode), uint32(0o700)),
		ext("lsetstat@openssh.com", "/link", uint32(hasMode), uint32(0o700)),
		ext("lsetstat@openssh.com", "/f", uint32(hasOwner), uint32(0), uint32(0)),
		ext("hardlink@openssh.com", "/f", "/g"),
		ext("fsync@openssh.com", "1"),
		ext("fsync@openssh.com"),
	)
	if len(got) != 13 {
		t.Fatalf("%d answers", len(got))
	}
	if a := got[0]; a.kind != pktExtendedReply || a.uint64() != maxPacket || a.uint64() != maxData || a.uint64() != maxData || a.uint64() != 128 {
		t.Errorf("limits: %v", got[0])
	}
	for _, a := range got[1:3] {
		if a.kind != pktName || a.uint32() != 1 || a.string() != "/" {
			t.Errorf("home: %v", a)
		}
	}
	if a := got[4]; a.kind != pktExtendedReply || a.string() != "\x00\x00\x00\x03ann\x00\x00\x00\x03ann" || a.string() != "\x00\x00\x00\x03ann" {
		t.Errorf("owners: %v", got[4])
	}
	for i, want := range map[int]status{
		3: statusNoSuchFile, 5: statusBadMessage, 6: statusBadMessage, 7: statusOK, 8: statusUnsupported, 9: statusPermissionDenied,
		10: statusUnsupported, 11: statusFailure, 12: statusBadMessage,
	} {
		if s := got[i].status(); s != want {
			t.Errorf("answer %d: status %d, want %d", i, s, want)
		}
	}
	if fi, err := os.Stat(filepath.Join(l.dir, "home", "ann", "f")); err != nil || fi.Mode() != 0o700 {
		t.Errorf("after lsetstat: %v, %v", fi, err)
	}
}

func TestCopyData(t *testing.T) {
	long := strings.Repeat("0123456789", 60_000) // more than is copied at once
	for name, tc := range map[string]struct {
		off, length, at uint64
		from, to        string // handles
		status          status
		want            string
	}{
		"all":              {0, 0, 0, "1", "2", statusOK, long},
		"from the middle":  {300_000, 0, 0, "1", "2", statusOK, long[300_000:]},
		"a part":           {1, 3, 2, "1", "2", statusOK, "\x00\x00123"},
		"a long part":      {0, 500_000, 0, "1", "2", statusOK, long[:500_000]},
		"past the end":     {599_998, 5, 0, "1", "2", statusEOF, "89"},
		"far past the end": {1 << 63, 0, 0, "1", "2", statusOK, ""},
		"too far":          {0, 5, 1 << 63, "1", "2", statusFailure, "-"},
		"to itself":        {0, 0, 0, "1", "1", statusFailure, ""},
		"to what is read":  {0, 0, 0, "1", "3", statusFailure, ""},
		"from what is not": {0, 0, 0, "2", "1", statusFailure, ""},
		"from nothing":     {0, 0, 0, "9", "2", statusFailure, ""},
		"to nothing":       {0, 0, 0, "1", "9", statusFailure, ""},
		"from a folder":    {0, 0, 0, "4", "2", statusFailure, ""},
	} {
		l := alone(t)
		l.put("f", long)
		l.put("h", "other")
		got := l.ask(
			packet(pktOpen, uint32(1), "/f", uint32(openRead), uint32(0)),
			packet(pktOpen, uint32(2), "/g", uint32(openWrite|openCreate|openTruncate), uint32(0)),
			packet(pktOpen, uint32(3), "/h", uint32(openRead), uint32(0)),
			packet(pktOpendir, uint32(4), "/"),
			packet(pktExtended, uint32(5), "copy-data", tc.from, tc.off, tc.length, tc.to, tc.at),
			packet(pktClose, uint32(6), "2"),
		)
		if len(got) != 6 || got[4].status() != tc.status {
			t.Errorf("%s: %d answers, %v, want status %d", name, len(got), got[4].body, tc.status)
			continue
		}
		if tc.want == "-" {
			if _, err := os.Stat(filepath.Join(l.dir, "home", "ann", "g")); err == nil {
				t.Errorf("%s: there is a copy", name)
			}
			continue
		}
		if c := l.content("g"); c != tc.want {
			t.Errorf("%s: %d bytes were copied, want %d", name, len(c), len(tc.want))
		}
	}
}

// A file copied onto itself would grow for ever, whatever it is called by then.
func TestCopyDataOntoItself(t *testing.T) {
	l := alone(t)
	l.put("f", "hello")
	got := l.ask(
		packet(pktOpen, uint32(1), "/f", uint32(openRead), uint32(0)),
		packet(pktRename, uint32(2), "/f", "/g"),
		packet(pktOpen, uint32(3), "/g", uint32(openWrite), uint32(0)),
		packet(pktExtended, uint32(4), "copy-data", "1", uint64(0), uint64(0), "2", uint64(5)),
	)
	if len(got) != 4 || got[1].status() != statusOK || got[3].status() != statusFailure || l.content("g") != "hello" {
		t.Errorf("%v; the file is %q", got, l.content("g"))
	}
}

// Copying needs the right to read there and to write here, at every step.
func TestCopyDataRights(t *testing.T) {
	l := alone(t)
	l.put("f", "hello")
	l.rights(identity.PathSFTPRead)
	got := l.ask(
		packet(pktOpen, uint32(1), "/f", uint32(openRead), uint32(0)),
		packet(pktOpen, uint32(2), "/g", uint32(openWrite|openCreate|openTruncate), uint32(0)),
		packet(pktExtended, uint32(3), "copy-data", "1", uint64(0), uint64(0), "2", uint64(0)),
	)
	if len(got) != 3 || got[1].status() != statusPermissionDenied || got[2].status() != statusFailure {
		t.Errorf("%v", got)
	}
}

// What a client asks for is sent as far as it fits into a packet, and requests
// sent together are answered together and in order.
func TestReadSizes(t *testing.T) {
	l := alone(t)
	content := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	l.put("f", content)
	asked := [][]byte{packet(pktOpen, uint32(0), "/f", uint32(openRead), uint32(0))}
	sizes := []uint32{1, 32 << 10, 16 << 10, maxData, maxData + 1, 1 << 31, 1<<32 - 1, 0}
	for i, n := range sizes {
		asked = append(asked, packet(pktRead, uint32(i+1), "1", uint64(i), n))
	}
	asked = append(asked, packet(pktRead, uint32(98), "1", uint64(len(content)-3), uint32(10)), packet(pktRead, uint32(99), "1", uint64(len(content)), uint32(10)))
	got := l.ask(asked...)
	if len(got) != len(asked) {
		t.Fatalf("%d answers", len(got))
	}
	for i, n := range sizes[:7] {
		a := got[i+1]
		if data := a.string(); a.id != uint32(i+1) || a.kind != pktData || data != content[i:i+int(min(n, maxData))] {
			t.Errorf("reading %d: %d bytes of kind %d", n, len(data), a.kind)
		}
	}
	if a := got[9]; a.kind != pktData || a.string() != content[len(content)-3:] {
		t.Errorf("at the end: kind %d", a.kind)
	}
	if got[8].status() != statusEOF || got[10].status() != statusEOF {
		t.Error("nothing and past the end are not the end")
	}
}

// A client that speaks no SFTP is heard no further, and what is only wrong is
// answered.
func TestWrongRequests(t *testing.T) {
	l := alone(t)
	for name, tc := range map[string]struct {
		sent []byte
		want status
	}{
		"too short":          {packet(pktStat, uint32(1)), statusBadMessage},
		"a string too long":  {packetOf([]byte("\x11\x00\x00\x00\x01\x00\x00\x00\xff/")), statusBadMessage},
		"open without flags": {packet(pktOpen, uint32(1), "/f", uint32(0), uint32(0)), statusBadMessage},
		"open cut off":       {packet(pktOpen, uint32(1), "/f"), statusBadMessage},
		"write cut off":      {packet(pktWrite, uint32(1), "1", uint64(0)), statusBadMessage},
		"an unknown kind":    {packet(77, uint32(1)), statusUnsupported},
		"an answer":          {packet(pktStatus, uint32(1), uint32(0)), statusUnsupported},
		"a closed handle":    {packet(pktClose, uint32(1), "1"), statusFailure},
		"reading a folder":   {packet(pktRead, uint32(1), "1", uint64(0), uint32(1)), statusFailure},
		"listing no folder":  {packet(pktReaddir, uint32(1), "1"), statusFailure},
	} {
		got := l.ask(tc.sent, packet(pktStat, uint32(2), "/"))
		if len(got) != 2 || got[0].status() != tc.want || got[1].kind != pktAttrs {
			t.Errorf("%s: %v, want status %d and an answer to the next", name, got, tc.want)
		}
	}
	for name, sent := range map[string][]byte{"no id": packet(pktStat), "an empty packet": {0, 0, 0, 0}, "too long": {0, 4, 0, 1}} {
		if got := l.ask(sent, packet(pktStat, uint32(2), "/")); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}
