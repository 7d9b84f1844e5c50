package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// TestKilledDuringTransfers ends the server again and again while somebody
// replaces a file, over HTTP and over SFTP by turns. After each restart the file
// is whole, no older than what was acknowledged, and nothing is left beside it.
func TestKilledDuringTransfers(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	k := &killing{t: t, env: append(os.Environ(), "LATCHKEY_DATA="+data, "LATCHKEY_ADMIN_PASSWORD="+killPassword)}
	w := &writing{t: t, k: k, folder: filepath.Join(data, "files")}
	for round := range 8 {
		k.start()
		w.check()
		put := w.overHTTP()
		if round%2 == 1 {
			put = w.overSFTP()
		}
		first := w.acknowledged
		for w.acknowledged < first+2 {
			if !w.next(put) {
				t.Fatalf("a transfer fails before the end: %s", k.server.said())
			}
		}
		timer := time.AfterFunc(time.Duration(4*round)*time.Millisecond, k.server.end)
		for w.next(put) {
		}
		timer.Stop()
		k.server.end()
	}
	k.start()
	w.check()
}

// A writing is one such test: which version of the file was acknowledged last.
type writing struct {
	t            *testing.T
	k            *killing
	folder       string
	acknowledged byte
}

// version is the content of the file after the nth time, of a length that gives
// the end of the server time to fall into it.
func (w *writing) version(n byte) []byte { return bytes.Repeat([]byte{n}, 4<<20) }

// next writes the next version, and reports whether that was acknowledged.
func (w *writing) next(put func(content []byte) error) bool {
	if w.acknowledged == 250 {
		w.t.Fatal("the server is not ended")
	}
	if put(w.version(w.acknowledged+1)) != nil {
		return false
	}
	w.acknowledged++
	return true
}

func (w *writing) overHTTP() func([]byte) error {
	w.t.Helper()
	if !w.k.signIn("admin", int(w.acknowledged)) {
		w.t.Fatal(w.k.server.said())
	}
	token := w.k.tokens[len(w.k.tokens)-1]
	return func(content []byte) error {
		r, err := http.NewRequest(http.MethodPut, w.k.url+"/api/fs/put", bytes.NewReader(content))
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", token)
		r.Header.Set("File-Path", "/f")
		text, err := send(r)
		if err == nil && !bytes.Contains(text, []byte(`"code":200`)) {
			err = errors.New(string(text))
		}
		return err
	}
}

func (w *writing) overSFTP() func([]byte) error {
	w.t.Helper()
	conn, err := ssh.Dial("tcp", w.k.server.addresses()[2], &ssh.ClientConfig{
		User: "admin", Auth: []ssh.AuthMethod{ssh.Password(killPassword)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	client, err := sftp.NewClient(conn)
	if err != nil {
		w.t.Fatal(err)
	}
	return func(content []byte) error {
		f, err := client.Create("/f")
		if err != nil {
			return err
		}
		_, err = f.Write(content)
		return errors.Join(err, f.Close())
	}
}

// check looks at the disk after a start. What was under way may have been
// finished without anybody hearing of it.
func (w *writing) check() {
	w.t.Helper()
	got, err := os.ReadFile(filepath.Join(w.folder, "f"))
	switch n := w.acknowledged; {
	case errors.Is(err, fs.ErrNotExist) && n == 0:
	case err != nil:
		w.t.Fatal(err)
	case bytes.Equal(got, w.version(n+1)):
		w.acknowledged++
	case !bytes.Equal(got, w.version(n)):
		w.t.Fatalf("%d bytes are there, and are neither version %d nor the one after", len(got), n)
	}
	err = filepath.WalkDir(w.folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasPrefix(d.Name(), ".latchkey") {
			w.t.Errorf("%s is left behind", path)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
