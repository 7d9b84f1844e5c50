package askpass

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"go.uber.org/goleak"

	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const hidden = "canary-4411"

// open opens a door that answers with hidden, and notes what it was asked.
func open(t *testing.T) (d *Door, where Address, asked chan string) {
	t.Helper()
	asked = make(chan string, 10)
	d, err := Open(t.Context(), env.System(), func(_ context.Context, prompt string) (secret.Text, error) {
		asked <- prompt
		if prompt == "refuse" {
			return secret.Text{}, errors.New("no")
		}
		return secret.New(hidden), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return d, Address(d.word + ":" + d.listener.Addr().String()), asked
}

func TestAsk(t *testing.T) {
	d, where, asked := open(t)
	var out bytes.Buffer
	if err := Ask(t.Context(), where, "Enter PIN for \x1b[2Jauthenticator: \xff", false, &out); err != nil || out.String() != hidden+"\n" {
		t.Errorf("heard %q, %v", out.String(), err)
	}
	if got := <-asked; got != "Enter PIN for  [2Jauthenticator:" {
		t.Errorf("asked %q", got)
	}
	out.Reset()
	if err := Ask(t.Context(), where, strings.Repeat("x", 100_000), false, &out); err != nil || out.String() != hidden+"\n" {
		t.Errorf("a long prompt: %q, %v", out.String(), err)
	}
	if got := <-asked; len(got) > maxQuestion {
		t.Errorf("asked %d bytes", len(got))
	}
	out.Reset()

	// A notice and a question that is refused stay open until the door shuts.
	ended := make(chan error, 2)
	for prompt, notice := range map[string]bool{"Confirm user presence": true, "refuse": false} {
		go func() { ended <- Ask(t.Context(), where, prompt, notice, io.Discard) }()
	}
	if got := <-asked; got != "refuse" {
		t.Errorf("asked %q", got)
	}
	if len(ended) != 0 {
		t.Errorf("ended with %v", <-ended)
	}
	if err := d.Shut(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-ended; err == nil {
			t.Error("answered after all")
		}
	}
	if _, err := os.Stat(d.folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
	if err := Ask(t.Context(), where, "Enter PIN", false, &out); err == nil || out.Len() != 0 {
		t.Errorf("a shut door says %q, %v", out.String(), err)
	}
}

// Strangers at the socket hear nothing, and keep nobody from being heard.
func TestStrangers(t *testing.T) {
	d, where, asked := open(t)
	defer func() {
		if err := d.Shut(); err != nil {
			t.Error(err)
		}
	}()
	path := d.listener.Addr().String()
	if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the socket: %v, %v", info, err)
	}
	dial := func() net.Conn {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "unix", path)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, says := range []string{
		"", "\n", "\n\nEnter PIN for authenticator: ", strings.Repeat("0", 32) + "\n\nEnter PIN for authenticator: ",
		d.word[:31] + "\n\nEnter PIN", d.word + "0\n\nEnter PIN", strings.Repeat("\n", 100_000), "\x00" + d.word + "\n\nEnter PIN",
	} {
		c := dial()
		_, _ = io.WriteString(c, says) // the door may have shut before the end of it
		if err := c.(*net.UnixConn).CloseWrite(); err != nil {
			continue
		}
		if heard, _ := io.ReadAll(c); len(heard) != 0 {
			t.Errorf("who says %.40q hears %q", says, heard)
		}
		_ = c.Close() // it has ended
	}
	var out bytes.Buffer
	if err := Ask(t.Context(), Address(strings.Repeat("0", 32)+":"+path), "Enter PIN", false, &out); err == nil || out.Len() != 0 {
		t.Errorf("a wrong word: %q, %v", out.String(), err)
	}
	if len(asked) != 0 {
		t.Errorf("a stranger's question was asked: %q", <-asked)
	}
	mute := dial()
	defer mute.Close()
	if err := Ask(t.Context(), where, "Enter PIN", false, &out); err != nil || out.String() != hidden+"\n" {
		t.Errorf("beside a mute stranger: %q, %v", out.String(), err)
	}
}

// Who says nothing is sent away.
func TestPatience(t *testing.T) {
	e := env.System()
	e.Now = func() time.Time { return time.Unix(0, 0) } // so that the time is up at once
	d, err := Open(t.Context(), e, func(context.Context, string) (secret.Text, error) { return secret.New(hidden), nil })
	if err != nil {
		t.Fatal(err)
	}
	c, err := (&net.Dialer{}).DialContext(t.Context(), "unix", d.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if heard, err := io.ReadAll(c); len(heard) != 0 || err != nil {
		t.Errorf("heard %q, %v", heard, err)
	}
	_ = c.Close() // it has ended
	if err := d.Shut(); err != nil {
		t.Error(err)
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("Enter PIN for authenticator: ")
	f.Add("\x1b]0;x\x07\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		if got := printable(s); !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q became %q", s, got)
		}
	})
}
