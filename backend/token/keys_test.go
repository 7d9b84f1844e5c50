package token_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"os"
	"path/filepath"
	"testing"
	"time"

	"latchkey/backend/internal/seal"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/token"
)

// currentKey opens the stored keys as their format says: a count, then eight
// characters of id and 32 bytes of secret for each.
func currentKey(t testing.TB, c *testkit.Core) (id string, secret []byte) {
	t.Helper()
	sealed, err := c.Store.Setting(t.Context(), "token.keys")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := c.Box.Open("token.keys", sealed)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain[1:9]), plain[9:41]
}

func signers(t *testing.T) (*ecdsa.PrivateKey, *rsa.PrivateKey, ed25519.PrivateKey) {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return ec, r, ed
}

func TestTokensSurviveARestart(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	raw, _ := issue(t, c)
	if _, err := c.Restart().Tokens.Parse(raw, "alist"); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}

func TestAnotherInstallationRefusesTheToken(t *testing.T) {
	ours, theirs := testkit.Open(t, testkit.Options{NoSeed: true}), testkit.Open(t, testkit.Options{NoSeed: true})
	raw, _ := issue(t, theirs)
	if _, err := ours.Tokens.Parse(raw, "alist"); !refused(err) {
		t.Errorf("another installation's token: %v", err)
	}
}

func TestRotation(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	first, _ := issue(t, c)
	rotate(t, c)
	second, _ := issue(t, c)
	for name, raw := range map[string]string{"key before": first, "new key": second} {
		if _, err := c.Tokens.Parse(raw, "alist"); err != nil {
			t.Errorf("%s after one rotation: %v", name, err)
		}
	}
	rotate(t, c)
	if _, err := c.Tokens.Parse(first, "alist"); !refused(err) {
		t.Errorf("a key that was rotated out twice: %v", err)
	}
	again := c.Restart()
	if _, err := again.Tokens.Parse(second, "alist"); err != nil {
		t.Errorf("the key before, after a restart: %v", err)
	}
	if _, err := again.Tokens.Parse(first, "alist"); !refused(err) {
		t.Errorf("a key that was rotated out twice, after a restart: %v", err)
	}
}

func rotate(t *testing.T, c *testkit.Core) {
	t.Helper()
	if err := c.Tokens.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The command line rotates beside a running server.
func TestRotationByAnotherProcess(t *testing.T) {
	server := testkit.Open(t, testkit.Options{NoSeed: true})
	cli := server.Again()
	rotate(t, cli)
	raw, _ := issue(t, cli)
	deadline := time.After(10 * time.Second)
	for {
		_, err := server.Tokens.Parse(raw, "alist")
		if err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("the server never saw the new key: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// A stolen database alone signs no tokens.
func TestDatabaseDoesNotTellTheKey(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	_, secret := currentKey(t, c)
	c.Close()
	text, err := os.ReadFile(filepath.Join(c.Dir, "latchkey.db"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte("token.keys")) {
		t.Fatal("the setting is not where this test looks")
	}
	if bytes.Contains(text, secret) {
		t.Error("the signing key stands in the database")
	}
}

// Another master key must not lead to new keys in place of the old ones.
func TestKeysThatDoNotOpenAreLeftAlone(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	before, err := c.Store.Setting(t.Context(), "token.keys")
	if err != nil {
		t.Fatal(err)
	}
	box, err := seal.Open(t.TempDir(), c.Env, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := token.Open(t.Context(), c.Store, box, c.Env); err == nil {
		t.Error("Open with another master key succeeds")
	}
	after, err := c.Store.Setting(t.Context(), "token.keys")
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the stored keys changed, or cannot be read: %v", err)
	}
}

// Keys that were damaged after sealing, as only a defect could do.
func TestMalformedKeysAreAnError(t *testing.T) {
	for _, plain := range [][]byte{
		nil, {}, {0}, {1}, make([]byte, 41), append([]byte{2}, make([]byte, 40)...),
		append([]byte{1}, make([]byte, 80)...), append([]byte{3}, make([]byte, 120)...), append([]byte{255}, make([]byte, 40)...),
	} {
		c := testkit.Open(t, testkit.Options{NoSeed: true})
		if err := c.Store.SaveSetting(t.Context(), "token.keys", c.Box.Seal("token.keys", plain)); err != nil {
			t.Fatal(err)
		}
		if _, err := token.Open(t.Context(), c.Store, c.Box, c.Env); err == nil {
			t.Errorf("Open accepts keys of %d bytes, count %v", len(plain), plain[:min(1, len(plain))])
		}
		if _, err := c.Tokens.Parse("a.b.c", "alist"); err == nil {
			t.Error("Parse goes on without keys")
		}
	}
}

// A store that fails signs nobody in, and says that it is not the token's fault.
func TestStorageFailureIsNoRefusal(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	raw, made := issue(t, c)
	if err := c.Store.SaveSetting(t.Context(), "other", nil); err != nil { // keys must be read again
		t.Fatal(err)
	}
	c.Store.FailWith(func(string) error { return os.ErrDeadlineExceeded })
	if _, err := c.Tokens.Parse(raw, "alist"); err == nil || refused(err) {
		t.Errorf("Parse while the store fails: %v", err)
	}
	if _, err := c.Tokens.Issue(made, useFor("alist")); err == nil {
		t.Error("Issue succeeds while the store fails")
	}
	c.Store.FailWith(nil)
	if _, err := c.Tokens.Parse(raw, "alist"); err != nil {
		t.Errorf("Parse when the store works again: %v", err)
	}
}
