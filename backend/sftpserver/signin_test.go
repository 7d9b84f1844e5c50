package sftpserver

import (
	"errors"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/identity"
)

// prompted answers prompts by what they begin with, and writes down which came.
func prompted(asked *[]string, answers map[string]string) ssh.AuthMethod {
	return ssh.KeyboardInteractive(func(_, _ string, questions []string, echos []bool) ([]string, error) {
		out := []string{}
		for i, q := range questions {
			*asked = append(*asked, q)
			if echos[i] {
				return nil, errors.New("the answer would be seen")
			}
			out = append(out, answers[q])
		}
		return out, nil
	})
}

func TestSignIn(t *testing.T) {
	w := newWorld()
	ann, bob := w.person("ann", everything), w.person("bob", everything)
	bob.code = "123456"
	for name, refusal := range map[identity.Username]error{"turn": errMustTurn, "locked": errLocked, "late": errLate} {
		w.person(name, everything).refusal = refusal
	}
	reader := w.person("nosftp", identity.PathWebDAVRead)
	guest := w.person("guest", everything)
	guest.User.ID = identity.GuestID
	ed, ec, rs := newKey(t), ecdsaKey(t), rsaKey(t)
	for _, key := range []ssh.Signer{ed, ec, rs} {
		w.uploaded(ann, key)
	}
	w.uploaded(reader, ed)
	w.uploaded(w.find("turn"), ed)
	w.uploaded(w.find("late"), ed)
	r := start(t, w, Limits{})

	var asked []string
	pass := func(s string) ssh.AuthMethod { return ssh.Password(s) }
	keys := func(k ...ssh.Signer) ssh.AuthMethod { return ssh.PublicKeys(k...) }
	prompts := func(pw, code string) ssh.AuthMethod {
		return prompted(&asked, map[string]string{"Password: ": pw, codePrompt: code})
	}
	for _, tc := range []struct {
		name, user string
		auth       []ssh.AuthMethod
		ok         bool
		banner     string   // what a refusal tells
		asks       []string // which prompts come
	}{
		{name: "ed25519 key", user: "ann", auth: []ssh.AuthMethod{keys(ed)}, ok: true},
		{name: "ecdsa key", user: "ann", auth: []ssh.AuthMethod{keys(ec)}, ok: true},
		{name: "rsa key", user: "ann", auth: []ssh.AuthMethod{keys(rs)}, ok: true},
		{name: "some other key first", user: "ann", auth: []ssh.AuthMethod{keys(newKey(t), ed)}, ok: true},
		{name: "nobody's key", user: "ann", auth: []ssh.AuthMethod{keys(newKey(t))}},
		{name: "ann's key as bob", user: "bob", auth: []ssh.AuthMethod{keys(ed)}},
		{name: "password", user: "ann", auth: []ssh.AuthMethod{pass("password of ann")}, ok: true},
		{name: "wrong password", user: "ann", auth: []ssh.AuthMethod{pass("password of bob")}},
		{name: "no password", user: "ann", auth: []ssh.AuthMethod{pass("")}},
		{name: "nobody", user: "nobody", auth: []ssh.AuthMethod{pass("password of nobody"), prompts("x", "")}, asks: []string{"Password: "}},
		{name: "prompt", user: "ann", auth: []ssh.AuthMethod{prompts("password of ann", "")}, ok: true, asks: []string{"Password: "}},
		{name: "wrong at the prompt", user: "ann", auth: []ssh.AuthMethod{prompts("x", "")}, asks: []string{"Password: "}},
		{name: "nothing at the prompt", user: "ann", auth: []ssh.AuthMethod{prompts("", "")}, asks: []string{"Password: "}},

		{name: "password alone with a second factor", user: "bob", auth: []ssh.AuthMethod{pass("password of bob")}},
		{name: "password, then the code", user: "bob", auth: []ssh.AuthMethod{pass("password of bob"), prompts("", "123456")}, ok: true, asks: []string{codePrompt}},
		{name: "password, then a wrong code", user: "bob", auth: []ssh.AuthMethod{pass("password of bob"), prompts("", "1")}, banner: errCode.Message, asks: []string{codePrompt}},
		{name: "both prompts", user: "bob", auth: []ssh.AuthMethod{prompts("password of bob", "123456")}, ok: true, asks: []string{"Password: ", codePrompt}},
		{name: "both prompts, wrong code", user: "bob", auth: []ssh.AuthMethod{prompts("password of bob", "")}, banner: errCode.Message, asks: []string{"Password: ", codePrompt}},
		{name: "wrong password, right code", user: "bob", auth: []ssh.AuthMethod{prompts("x", "123456")}, asks: []string{"Password: "}},

		{name: "must change the password", user: "turn", auth: []ssh.AuthMethod{pass("password of turn")}, banner: errMustTurn.Message},
		{name: "must change the password, key", user: "turn", auth: []ssh.AuthMethod{keys(ed)}, banner: errMustTurn.Message},
		{name: "expired key", user: "late", auth: []ssh.AuthMethod{keys(ed)}, banner: errLate.Message},
		{name: "an account with an expired key, another key", user: "late", auth: []ssh.AuthMethod{keys(ec)}},
		{name: "locked", user: "locked", auth: []ssh.AuthMethod{pass("x")}, banner: errLocked.Message},
		{name: "may not use SFTP", user: "nosftp", auth: []ssh.AuthMethod{pass("password of nosftp")}, banner: errNoSFTP.Message},
		{name: "may not use SFTP, key", user: "nosftp", auth: []ssh.AuthMethod{keys(ed)}, banner: errNoSFTP.Message},
		{name: "guest", user: "guest", auth: []ssh.AuthMethod{pass("password of guest")}, banner: errNoSFTP.Message},

		{name: "none", user: "ann"},
		{name: "none as guest", user: "guest"},
		{name: "no name", user: "", auth: []ssh.AuthMethod{pass("x"), keys(ed)}},
		{name: "name with NUL", user: "ann\x00", auth: []ssh.AuthMethod{pass("password of ann"), keys(ed)}},
		{name: "name with a path", user: "../ann", auth: []ssh.AuthMethod{pass("password of ann"), keys(ed)}},
		{name: "name of a megabyte", user: strings.Repeat("a", 200_000), auth: []ssh.AuthMethod{pass("x")}},
	} {
		asked = nil
		banner := ""
		conf := r.client(tc.user, tc.auth...)
		conf.BannerCallback = func(message string) error { banner += message; return nil }
		conn, err := ssh.Dial("tcp", r.addr, conf)
		if err == nil {
			_ = conn.Close()
		}
		if (err == nil) != tc.ok {
			t.Errorf("%s: got in: %v (%v), want %v", tc.name, err == nil, err, tc.ok)
		}
		if strings.TrimSpace(banner) != tc.banner {
			t.Errorf("%s: told %q, want %q", tc.name, banner, tc.banner)
		}
		if !slices.Equal(asked, tc.asks) {
			t.Errorf("%s: asked %q, want %q", tc.name, asked, tc.asks)
		}
	}
	r.stop() // what was begun is recorded
	attempts, _, signedIn := w.uses()
	for _, a := range attempts {
		if a.Door != "sftp" || a.Address != netip.MustParseAddr("127.0.0.1") {
			t.Errorf("attempt at %q from %v", a.Door, a.Address)
		}
	}
	slices.Sort(signedIn)
	if want := []identity.SSHKeyID{1, 1, 2, 3}; !slices.Equal(signedIn, want) {
		t.Errorf("keys recorded as used: %v, want %v", signedIn, want)
	}
}

const codePrompt = "Code from your app, or a recovery code: "

// A wrong code may be followed by the right one on the same connection.
func TestCodeAgain(t *testing.T) {
	w := newWorld()
	w.person("bob", everything).code = "123456"
	r := start(t, w, Limits{})
	codes := []string{"000000", "111111", "123456"}
	again := ssh.KeyboardInteractive(func(_, _ string, q []string, _ []bool) ([]string, error) {
		if len(q) != 1 || q[0] != codePrompt {
			t.Errorf("asked %q", q)
		}
		code := codes[0]
		codes = codes[1:]
		return []string{code}, nil
	})
	conn, err := r.dial("bob", ssh.Password("password of bob"), ssh.RetryableAuthMethod(again, 5))
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}

// A fault of ours lets nobody in, is logged, and tells nothing.
func TestSignInFault(t *testing.T) {
	w := newWorld()
	w.person("ann", everything)
	w.failing = &os.PathError{Op: "open", Path: "/srv/latchkey.db", Err: os.ErrPermission}
	r := start(t, w, Limits{})
	conf := r.client("ann", ssh.Password("password of ann"))
	conf.BannerCallback = func(message string) error { t.Errorf("told %q", message); return nil }
	if conn, err := ssh.Dial("tcp", r.addr, conf); err == nil {
		_ = conn.Close()
		t.Error("got in")
	}
	r.stop()
	if !strings.Contains(r.log.String(), "latchkey.db") {
		t.Errorf("not logged: %s", r.log)
	}
}
