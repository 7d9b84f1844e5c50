package cli

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"github.com/pquerna/otp/totp"
	"golang.org/x/crypto/ssh"
)

// request sends a request with the token in TOKEN, and prints the status and
// the body: request METHOD PATH [NAME=TEXT | NAME=@FILE | NAME:=JSON]...
func (w *world) request(args []string) {
	if len(args) < 2 {
		w.ts.Fatalf("usage: request METHOD PATH [NAME=VALUE]...")
	}
	status, body := w.do(args[0], args[1], w.body(args[2:]))
	fmt.Fprintf(w.ts.Stdout(), "%s\n%s\n", status, body)
}

// await sends a request again until its answer matches: await REGEXP METHOD
// PATH [NAME=VALUE]... A running server sees within a moment what a command
// has changed.
func (w *world) await(args []string) {
	if len(args) < 3 {
		w.ts.Fatalf("usage: await REGEXP METHOD PATH [NAME=VALUE]...")
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range patience / (20 * time.Millisecond) {
		if _, body := w.do(args[1], args[2], w.body(args[3:])); find(w.ts, "("+args[0]+")", body) != "" {
			return
		}
		<-tick.C
	}
	w.ts.Fatalf("the answer does not become %s", args[0])
}

func (w *world) body(pairs []string) map[string]any {
	body := map[string]any{}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case strings.HasSuffix(name, ":"):
			body[strings.TrimSuffix(name, ":")] = json.RawMessage(value)
		case strings.HasPrefix(value, "@"):
			body[name] = w.ts.ReadFile(value[1:])
		default:
			body[name] = value
		}
	}
	return body
}

func (w *world) do(method, path string, body map[string]any) (status, answer string) {
	text, err := json.Marshal(body)
	w.ts.Check(err)
	r, err := http.NewRequest(method, w.ts.Getenv("HTTP")+path, bytes.NewReader(text))
	w.ts.Check(err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", w.ts.Getenv("TOKEN"))
	r.Header.Set("Client-Id", w.ts.Getenv("CLIENT_ID"))
	if agent := w.ts.Getenv("AGENT"); agent != "" {
		r.Header.Set("User-Agent", agent)
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: w.pinned()}, Timeout: patience}
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	w.ts.Check(err)
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	w.ts.Check(err)
	return resp.Status, string(got)
}

// pinned trusts the one certificate whose fingerprint the server printed, as a
// person does who compares it; and the names in it must fit.
func (w *world) pinned() *tls.Config {
	roots := x509.NewCertPool()
	return &tls.Config{
		InsecureSkipVerify: true, // for what follows in its place
		VerifyConnection: func(s tls.ConnectionState) error {
			leaf := s.PeerCertificates[0]
			sum := sha256.Sum256(leaf.Raw)
			if got := strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":"); got != w.tlsPin {
				return fmt.Errorf("the certificate is %s, and %q was printed", got, w.tlsPin)
			}
			roots.AddCert(leaf)
			_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: s.ServerName})
			return err
		},
	}
}

// signIn signs in and sets TOKEN: signin USER PASSWORD.
func (w *world) signIn(args []string) {
	w.arg(args, 2, "signin USER PASSWORD")
	_, body := w.do("POST", "/api/auth/login", map[string]any{"username": args[0], "password": args[1]})
	fmt.Fprintln(w.ts.Stdout(), body)
	var answer struct {
		Data struct {
			Token string `json:"token"`
		} `json:"data"`
	}
	w.ts.Check(json.Unmarshal([]byte(body), &answer))
	w.must(answer.Data.Token != "", "the answer is %s", body)
	if answer.Data.Token != "" {
		w.ts.Setenv("TOKEN", answer.Data.Token)
	}
}

// enable2FA turns the second factor on for whoever is signed in, and sets
// TOTP_SECRET.
func (w *world) enable2FA([]string) {
	_, body := w.do("POST", "/api/auth/2fa/generate", nil)
	var started struct {
		Data struct {
			Secret string `json:"secret"`
		} `json:"data"`
	}
	w.ts.Check(json.Unmarshal([]byte(body), &started))
	code, err := totp.GenerateCode(started.Data.Secret, time.Now())
	w.ts.Check(err)
	_, body = w.do("POST", "/api/auth/2fa/verify", map[string]any{
		"code": code, "secret": started.Data.Secret, "recovery_codes": true,
	})
	w.must(strings.Contains(body, `"code":200`), "the answer is %s", body)
	fmt.Fprintln(w.ts.Stdout(), body) // with the recovery codes
	w.ts.Setenv("TOTP_SECRET", started.Data.Secret)
}

// keygen makes a key: keygen FILE also makes FILE.pub.
func (w *world) keygen(args []string) {
	w.arg(args, 1, "keygen FILE")
	public, private, err := ed25519.GenerateKey(rand.Reader)
	w.ts.Check(err)
	block, err := ssh.MarshalPrivateKey(private, "")
	w.ts.Check(err)
	key, err := ssh.NewPublicKey(public)
	w.ts.Check(err)
	file := w.ts.MkAbs(args[0])
	w.ts.Check(os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	w.ts.Check(os.WriteFile(file+".pub", ssh.MarshalAuthorizedKey(key), 0o600))
}

// An sshConn is a connection over which files are reached.
type sshConn struct {
	ssh   *ssh.Client
	files *sftp.Client
	ended chan error
}

// sshOpen connects: sshopen USER KEYFILE. It takes the host key only if its
// fingerprint is the one in HOST_KEY, where that is set.
func (w *world) sshOpen(args []string) {
	w.arg(args, 2, "sshopen USER KEYFILE")
	signer, err := ssh.ParsePrivateKey([]byte(w.ts.ReadFile(args[1])))
	w.ts.Check(err)
	conn, err := ssh.Dial("tcp", w.ts.Getenv("SFTP"), &ssh.ClientConfig{
		User: args[0],
		Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			if want := w.ts.Getenv("HOST_KEY"); want != "" && want != ssh.FingerprintSHA256(key) {
				return errors.New("another host key")
			}
			return nil
		},
		HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
		Timeout:           patience,
	})
	w.must(err == nil, "connect: %v", err)
	if err != nil {
		fmt.Fprintln(w.ts.Stderr(), err)
		return
	}
	w.ts.Defer(func() { _ = conn.Close() })
	files, err := sftp.NewClient(conn)
	w.ts.Check(err)
	ended := make(chan error, 1)
	w.ssh = &sshConn{conn, files, ended}
	go func() { ended <- conn.Wait() }()
}

// sshAlive checks that files can still be listed.
func (w *world) sshAlive([]string) {
	_, err := w.ssh.files.ReadDir("/")
	w.must(err == nil, "list: %v", err)
}

// sshClosed waits for the server to close the connection.
func (w *world) sshClosed([]string) {
	select {
	case <-w.ssh.ended:
	case <-time.After(patience):
		w.ts.Fatalf("the connection stays open")
	}
}
