package connect

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/hosts"
	"latchkey/backend/companion/sshkeys/sshagent"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

const (
	dialTime      = 10 * time.Second
	handshakeTime = 30 * time.Second
	maxBanner     = 2000 // characters
)

// A Target is an account on a server.
type Target struct {
	Host string
	Port int // zero: 22
	User string
}

// Address returns host and port.
func (t Target) Address() string {
	port := t.Port
	if port == 0 {
		port = 22
	}
	return net.JoinHostPort(t.Host, strconv.Itoa(port))
}

// Check returns ErrTarget for what is no host and port. Characters that a shell
// acts on are in no host: an ssh config may have a command with the host in it.
func (t Target) Check() error {
	if t.Host == "" || len(t.Host) > 255 || strings.HasPrefix(t.Host, "-") || t.Port < 0 || t.Port > 65535 ||
		strings.ContainsFunc(t.Host, func(r rune) bool {
			return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune("/@,'\"`$\\;&|<>(){}", r)
		}) {
		return ErrTarget
	}
	return nil
}

// A Proof is what to sign in with.
type Proof struct {
	Signers  []ssh.Signer
	Password secret.Text // only where the person has typed one for this
}

// A Client is a connection that has signed in.
type Client struct {
	ssh     *ssh.Client
	shown   sshkeys.Public
	version string
	agreed  ssh.NegotiatedAlgorithms
}

// Close ends the connection.
func (c *Client) Close() error { return c.ssh.Close() }

// ended makes a context end a connection, because the library waits on its own.
func ended(ctx context.Context, conn io.Closer) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = conn.Close() })
}

// An attempt is one handshake, with what was noticed on the way.
type attempt struct {
	target Target
	book   *hosts.Book
	probe  bool // it ends when the host has shown its key

	mu      sync.Mutex
	shown   sshkeys.Public
	untrust error
	banner  string // before it came to signing in, and
	answer  string // after that
	spoke   bool   // the server has sent something
	began   bool   // and has named itself as one for SSH
	asked   bool   // it has come to signing in
}

// Dial connects and signs in. Errors: those above, *hosts.UnseenError and its like.
func Dial(ctx context.Context, t Target, book *hosts.Book, p Proof) (*Client, error) {
	if len(p.Signers) == 0 && p.Password.IsZero() {
		return nil, ErrNoMethod
	}
	a := &attempt{target: t, book: book}
	client, err := a.run(ctx, p)
	if err != nil {
		return nil, a.explain(err, p)
	}
	client.shown = a.shown
	return client, nil
}

// HostKey fetches the key that a host shows, and sends nothing of the person's.
// The error that goes with it says what is known of the key; nil: it is trusted.
func HostKey(ctx context.Context, t Target, book *hosts.Book) (sshkeys.Public, error) {
	a := &attempt{target: t, book: book, probe: true}
	_, err := a.run(ctx, Proof{})
	if a.shown.Line != "" {
		return a.shown, a.untrust
	}
	return sshkeys.Public{}, a.explain(err, Proof{})
}

func (a *attempt) run(ctx context.Context, p Proof) (*Client, error) {
	if err := a.target.Check(); err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: dialTime}
	conn, err := dialer.DialContext(ctx, "tcp", a.target.Address())
	if err != nil {
		return nil, dialError(err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, handshakeTime, ErrHangs)
	defer cancel()
	stop := ended(ctx, conn)
	version := &opening{Conn: conn, a: a}
	c, channels, requests, err := ssh.NewClientConn(version, a.target.Address(), a.config(p))
	if !stop() && err == nil {
		err = errors.Join(context.Cause(ctx), c.Close())
	}
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = errors.Join(cause, err)
		}
		_ = conn.Close()
		return nil, err
	}
	client := &Client{ssh: ssh.NewClient(c, channels, requests), version: printable(string(c.ServerVersion()))}
	if m, ok := c.(ssh.AlgorithmsConnMetadata); ok {
		client.agreed = m.Algorithms()
	}
	return client, nil
}

func (a *attempt) config(p Proof) *ssh.ClientConfig {
	good := ssh.SupportedAlgorithms() // without those that are not safe any more
	c := &ssh.ClientConfig{
		Config:            ssh.Config{KeyExchanges: good.KeyExchanges, Ciphers: good.Ciphers, MACs: good.MACs},
		User:              a.target.User,
		ClientVersion:     "SSH-2.0-Latchkey",
		HostKeyCallback:   a.hostKey,
		HostKeyAlgorithms: hostKeys(a.book.Algorithms(a.target.Address())),
		BannerCallback: func(text string) error {
			a.mu.Lock()
			defer a.mu.Unlock()
			said := &a.banner
			if a.asked {
				said = &a.answer
			}
			*said = (*said + text)[:min(len(*said)+len(text), 4*maxBanner)]
			return nil
		},
	}
	if len(p.Signers) > 0 {
		c.Auth = append(c.Auth, ssh.PublicKeysCallback(func() ([]ssh.Signer, error) {
			a.noteAsked()
			return p.Signers, nil
		}))
	}
	if !p.Password.IsZero() {
		c.Auth = append(c.Auth,
			ssh.PasswordCallback(func() (string, error) { a.noteAsked(); return p.Password.Reveal(), nil }),
			ssh.KeyboardInteractive(func(_, _ string, questions []string, echos []bool) ([]string, error) {
				a.noteAsked()
				if len(questions) == 1 && !echos[0] { // the password, and nothing else
					return []string{p.Password.Reveal()}, nil
				}
				return make([]string, len(questions)), nil
			}))
	}
	return c
}

// hostKeys puts those that are known first, so that a host that has several
// keys shows that one. The others follow, so that one that has only others now
// shows what has changed.
func hostKeys(known []string) []string {
	out := slices.Clone(known)
	for _, name := range []string{
		ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
	} {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return slices.DeleteFunc(out, func(name string) bool { return name == ssh.KeyAlgoRSA }) // signs with SHA-1
}

func (a *attempt) noteAsked() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = true
}

// hostKey is the gate: what it refuses ends the handshake.
func (a *attempt) hostKey(address string, from net.Addr, key ssh.PublicKey) error {
	plain := key
	if cert, ok := key.(*ssh.Certificate); ok {
		plain = cert.Key
	}
	shown, err := sshkeys.ParsePublic(ssh.MarshalAuthorizedKey(plain))
	if err == nil {
		err = a.book.Check(address, from, key)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.shown, a.untrust = shown, err
	if err == nil && a.probe {
		return errProbed
	}
	return err
}

var errProbed = errors.New("the host has shown its key")

// An opening looks at the first line that the server sends (RFC 4253,
// section 4.2), which the library does not tell apart from other failures.
type opening struct {
	net.Conn
	a    *attempt
	seen []byte
}

func (o *opening) Read(p []byte) (int, error) {
	n, err := o.Conn.Read(p)
	o.a.mu.Lock()
	defer o.a.mu.Unlock()
	if len(o.seen) < 4096 && !o.a.began {
		o.seen = append(o.seen, p[:n]...)
		o.a.spoke = len(o.seen) > 0
		o.a.began = strings.Contains("\n"+string(o.seen), "\nSSH-")
	}
	return n, err
}

func dialError(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return ErrName.Because(err)
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return ErrPort.Because(err)
	}
	return ErrUnreachable.Because(err)
}

// explain says why a handshake failed.
func (a *attempt) explain(err error, p Proof) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.untrust != nil {
		return a.untrust
	}
	if known, ok := errors.AsType[*identity.Error](err); ok && !errors.Is(err, ErrHangs) {
		return known
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	if _, ok := errors.AsType[*ssh.AlgorithmNegotiationError](err); ok {
		return ErrOldAlgorithms.Because(err)
	}
	broken := errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, os.ErrClosed) || errors.Is(err, net.ErrClosed)
	switch {
	case errors.Is(err, ErrHangs):
		return ErrHangs.Because(err)
	case !a.spoke:
		return ErrClosed.Because(err)
	case !a.began:
		return ErrNotSSH.Because(err)
	case a.shown.Line == "" && broken:
		return ErrClosed.Because(err)
	case a.shown.Line == "":
		return ErrHandshake.Because(err)
	case broken && a.banner == "" && !a.asked:
		return ErrClosed.Because(err)
	}
	return a.refusal(p).Because(err)
}

// refusal adds to a refusal what the server has said about it.
func (a *attempt) refusal(p Proof) *identity.Error {
	told := ErrRefused
	if len(p.Signers) == 0 {
		told = ErrPassword
	}
	switch answer := printable(a.answer); {
	case strings.Contains(answer, "SSH key expired"): // as Latchkey's server says it
		told = ErrRefusedExpired
	case strings.Contains(answer, "SFTP"):
		told = ErrRefusedSFTP
	case answer != "":
		told = ErrRefusedTold
	}
	return saying(told, a.banner+"\n"+a.answer)
}

// saying is an error with what the server says about it, if anything.
func saying(e *identity.Error, words string) *identity.Error {
	told := *e
	if words = printable(words); words != "" {
		told.Message += " The server says: " + words
	}
	return &told
}

// printable leaves out of foreign words what a terminal could act on.
func printable(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar })
	runes := []rune(strings.Join(words, " "))
	return string(runes[:min(len(runes), maxBanner)])
}

// FromAgent is the proof that the keys in an agent give, or the one of a
// fingerprint. It is of use until the agent is closed. Errors: ErrNoMethod if
// the agent has none, and those of the agent.
func FromAgent(ctx context.Context, agent *sshagent.Agent, only identity.Fingerprint) (Proof, error) {
	signers, err := agent.Signers(ctx)
	if err != nil {
		return Proof{}, err
	}
	if only != "" {
		signers = slices.DeleteFunc(signers, func(s ssh.Signer) bool {
			return identity.Fingerprint(ssh.FingerprintSHA256(s.PublicKey())) != only
		})
	}
	if len(signers) == 0 {
		return Proof{}, ErrNoMethod
	}
	return Proof{Signers: signers}, nil
}

// ByKey is the proof that one key gives: by the agent on a socket if that has it,
// or else by what open returns. done ends what the agent is asked through. Errors
// are those of open.
func ByKey(ctx context.Context, socket string, key identity.Fingerprint, open func() (*sshkeys.Private, error)) (p Proof, done func(), err error) {
	if agent, err := sshagent.Dial(ctx, socket); err == nil {
		if p, err := FromAgent(ctx, agent, key); err == nil {
			return p, func() { _ = agent.Close() }, nil
		}
		_ = agent.Close()
	}
	private, err := open()
	if err != nil {
		return Proof{}, nil, err
	}
	return With(private), func() {}, nil
}

// With is the proof that one key gives.
func With(key *sshkeys.Private) Proof { return Proof{Signers: []ssh.Signer{key.Signer()}} }
