package mail_test

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/mail"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if postOffice != nil {
		postOffice.close(code != 0)
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

const password = "canary/päss word-7f3a"

var sent = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func testEnv() env.Env {
	return env.Env{Now: func() time.Time { return sent }, Rand: env.System().Rand}
}

// hello is a mail that holds a secret.
var hello = mail.Message{To: "bob@example.com", Subject: "Grüße / 你好", Text: secret.New("canary-text-91\r\n.\r\nQUIT\r\n你好\n")}

func newSender(t *testing.T, c mail.Config) *mail.Sender {
	t.Helper()
	if c.From == "" {
		c.From = "Nås <nas@home.example>"
	}
	s, err := mail.New(c, testEnv())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A paper is a certificate for 127.0.0.1 and who vouches for it.
type paper struct {
	cert, key string // files
	roots     *x509.CertPool
}

func newPaper(t *testing.T) paper {
	t.Helper()
	e := env.System()
	key := ed25519.NewKeyFromSeed(e.Bytes(ed25519.SeedSize))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(e.Rand, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	p := paper{filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem"), x509.NewCertPool()}
	for file, block := range map[string]*pem.Block{p.cert: {Type: "CERTIFICATE", Bytes: der}, p.key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.roots.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return p
}

// A received mail is one that the server got.
type received struct {
	HELO     string   `json:"helo"`
	From     string   `json:"from"`
	To       []string `json:"to"`
	User     string   `json:"user"`
	StartTLS bool     `json:"starttls"`
	Text     string   `json:"text"`
}

// An office is aiosmtpd in a process of its own, with a server for each mode.
type office struct {
	paper
	ports  map[string]int
	cmd    *exec.Cmd
	in     io.Closer
	out    io.Reader
	lines  *bufio.Scanner // a mail each
	stderr bytes.Buffer
}

// postOffice is the one that all tests share, because it takes a while to
// open. The first test that needs it does that.
var postOffice *office

// openOffice returns the office, or skips the test where there can be none.
func openOffice(t *testing.T) *office {
	t.Helper()
	if postOffice != nil {
		return postOffice
	}
	tool, err := exec.LookPath("aiosmtpd")
	if err != nil {
		t.Skip("skipped: aiosmtpd is not installed")
	}
	o := &office{paper: newPaper(t)}
	o.cmd = exec.Command(interpreter(t, tool), filepath.Join("testdata", "server.py"), o.cert, o.key)
	o.cmd.Env = append(os.Environ(), "MAIL_PASSWORD="+password)
	o.cmd.Stderr = &o.stderr
	if o.in, err = o.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if o.out, err = o.cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := o.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	postOffice = o
	o.lines = bufio.NewScanner(o.out)
	o.read(t, &o.ports)
	return o
}

func (o *office) close(tell bool) {
	_ = o.in.Close()
	_, _ = io.Copy(io.Discard, o.out)
	_ = o.cmd.Wait()
	if tell {
		_, _ = os.Stderr.Write(o.stderr.Bytes())
	}
}

// at says how to reach the server with such a security, without a user.
func (o *office) at(s mail.Security) mail.Config {
	return mail.Config{Address: fmt.Sprint("127.0.0.1:", o.ports[string(s)]), Security: s}
}

// asking is at for the server that asks for ann and her password.
func (o *office) asking(s mail.Security) mail.Config {
	return mail.Config{Address: fmt.Sprint("127.0.0.1:", o.ports[string(s)+"+auth"]), Security: s, User: "ann", Password: secret.New(password)}
}

// next returns the mail that came after the last one.
func (o *office) next(t *testing.T) received {
	t.Helper()
	var r received
	o.read(t, &r)
	return r
}

func (o *office) read(t *testing.T, into any) {
	t.Helper()
	if !o.lines.Scan() {
		t.Fatalf("the server ended: %s", &o.stderr)
	}
	if err := json.Unmarshal(o.lines.Bytes(), into); err != nil {
		t.Fatal(err)
	}
}

// interpreter returns the Python that aiosmtpd was installed for.
func interpreter(t *testing.T, tool string) string {
	t.Helper()
	text, err := os.ReadFile(tool)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	python, isScript := strings.CutPrefix(first, "#!")
	if !isScript {
		t.Fatal("aiosmtpd is no script that names its Python")
	}
	return strings.TrimSpace(python)
}
