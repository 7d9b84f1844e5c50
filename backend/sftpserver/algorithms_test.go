package sftpserver

import (
	"bytes"
	"io"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// ssh-audit finds nothing to fail.
func TestAudit(t *testing.T) {
	if _, err := exec.LookPath("ssh-audit"); err != nil {
		t.Skip("ssh-audit is not installed (Debian: apt-get install ssh-audit)")
	}
	r := start(t, newWorld(), Limits{})
	_, port, _ := strings.Cut(r.addr, ":")
	// It ends with a status of its own for warnings.
	said, _ := exec.CommandContext(t.Context(), "ssh-audit", "-n", "-4", "-p", port, "127.0.0.1").CombinedOutput()
	for line := range strings.SplitSeq(string(said), "\n") {
		if strings.Contains(line, "[fail]") {
			t.Error(line)
		}
	}
	for _, want := range []string{"curve25519-sha256", "ssh-ed25519", "rsa-sha2-512", "aes128-gcm@openssh.com", "hmac-sha2-256-etm@openssh.com"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("it did not see %s:\n%s", want, said)
		}
	}
}

// offer reads what a server offers before anything is agreed.
func offer(t *testing.T, addr string) string {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = nc.Close() }()
	if err := nc.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(nc, "SSH-2.0-test\r\n"); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for !strings.Contains(got.String(), "none") { // the compressions come last
		if _, err := io.CopyN(&got, nc, 1); err != nil {
			t.Fatalf("%v after %q", err, got.String())
		}
	}
	return got.String()
}

func TestOffer(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	got := offer(t, r.addr)
	if !strings.HasPrefix(got, "SSH-2.0-Latchkey\r\n") {
		t.Errorf("the banner is %.40q", got)
	}
	for _, want := range []string{"mlkem768x25519-sha256", "kex-strict-s-v00@openssh.com", "ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in the offer", want)
		}
	}
	for _, bad := range []string{"sha1", "ssh-rsa", "nistp", "cbc", "group", "hmac-sha2-256,", "arcfour", "ssh-dss"} {
		if strings.Contains(got, bad) {
			t.Errorf("%s in the offer %q", bad, got)
		}
	}
}

func TestCiphers(t *testing.T) {
	for _, tc := range []struct {
		aes, gcm bool
		want     string
	}{
		{true, true, "aes128-gcm@openssh.com aes256-gcm@openssh.com"},
		{true, false, "aes128-gcm@openssh.com aes256-gcm@openssh.com aes256-ctr"},
		{false, true, "chacha20-poly1305@openssh.com aes128-gcm@openssh.com aes256-gcm@openssh.com aes256-ctr"},
		{false, false, "chacha20-poly1305@openssh.com aes128-gcm@openssh.com aes256-gcm@openssh.com aes256-ctr"},
	} {
		if got := strings.Join(ciphers(tc.aes, tc.gcm), " "); got != tc.want {
			t.Errorf("with AES in the processor: %v, client knows GCM: %v: %q", tc.aes, tc.gcm, got)
		}
	}
}

// OpenSSH's client ends up with AES-GCM whatever its order is, and one that
// knows only CTR is served too.
func TestOpenSSHCipher(t *testing.T) {
	if !hasAES() {
		t.Skip("this processor has no AES")
	}
	o := start(t, newWorld(), Limits{}).outsider(t, "ann")
	for offers, want := range map[string]string{
		"": "-gcm@openssh.com",
		"chacha20-poly1305@openssh.com,aes256-ctr,aes256-gcm@openssh.com": "aes256-gcm@openssh.com",
		"chacha20-poly1305@openssh.com,aes256-ctr":                        "aes256-ctr",
	} {
		args := []string{"-v"}
		if offers != "" {
			args = append(args, "-c", offers)
		}
		said, err := o.run("pwd\n", "sftp", slices.Concat(args, o.opts, []string{"-i", "id", "-b", "-", "ann@127.0.0.1"})...)
		if err != nil || strings.Count(said, " cipher: ") != 2 || !strings.Contains(said, want) || strings.Contains(said, "cipher: chacha20") {
			t.Errorf("offering %q: %v\n%s", offers, err, said)
		}
	}
}

// FuzzOffer reads anything as an offer.
func FuzzOffer(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x04\x140123456789abcdef\x00\x00\x00\x01k\x00\x00\x00\x01h\x00\x00\x00\x16aes128-gcm@openssh.com\x00\x00\x00\x16aes128-gcm@openssh.com"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if knowsGCM(data) && bytes.Count(data, []byte("-gcm@openssh.com")) < 2 {
			t.Errorf("%q", data)
		}
	})
}

// Everything on the lists is known to the library and not held for weak by it.
func TestAlgorithmsAreKnown(t *testing.T) {
	known, mine := ssh.SupportedAlgorithms(), algorithms(false)
	for what, lists := range map[string][2][]string{
		"key exchange": {mine.KeyExchanges, known.KeyExchanges},
		"cipher":       {append(ciphers(true, false), ciphers(false, false)...), known.Ciphers},
		"MAC":          {mine.MACs, known.MACs},
		"client key":   {clientKeys(), known.PublicKeyAuths},
		"host key":     {hostSignatures(), known.HostKeys},
	} {
		for _, name := range lists[0] {
			if !slices.Contains(lists[1], name) {
				t.Errorf("%s %s is not among %q", what, name, lists[1])
			}
		}
	}
}

// The old and the new host key type both work for a client.
func TestRSAHostKey(t *testing.T) {
	w := newWorld()
	w.person("ann", everything)
	r := start(t, w, Limits{})
	for i, algorithm := range []string{ssh.KeyAlgoED25519, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256} {
		conf := r.client("ann", ssh.Password("password of ann"))
		conf.HostKeyAlgorithms = []string{algorithm}
		conf.HostKeyCallback = ssh.FixedHostKey(r.keys.all()[min(i, 1)].PublicKey())
		_ = dialWith(t, r.addr, conf).Close()
	}
	conf := r.client("ann", ssh.Password("password of ann"))
	conf.HostKeyAlgorithms = []string{ssh.KeyAlgoRSA}
	conf.HostKeyCallback = ssh.FixedHostKey(r.keys.all()[1].PublicKey())
	if conn, err := ssh.Dial("tcp", r.addr, conf); err == nil {
		_ = conn.Close()
		t.Error("SHA-1 was agreed on for the host key")
	}
}
