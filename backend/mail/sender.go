package mail

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

const (
	patience    = 10 * time.Second // for one mail, from the first packet to the last
	mostSubject = 200              // characters
)

var (
	errFailing = identity.NewError(identity.Unavailable, "mail_failing",
		"The mail could not be sent. Whoever runs the server finds the reason in its log.")
	errHeader = errors.New("a subject that is no single line, or a recipient that is none")
)

// A Message is a mail of plain text. The text is a secret, because it may hold one.
type Message struct {
	To      identity.Email
	Subject string // one line
	Text    secret.Text
}

// A Sender sends mail. It may be used by many at once.
type Sender struct {
	route route
	env   env.Env
	roots *x509.CertPool // who vouches for the server; nil for whom the system trusts
	limit time.Duration
}

// New returns a sender. The error says what is wrong with the settings.
func New(c Config, e env.Env) (*Sender, error) {
	r, err := c.route()
	if err != nil {
		return nil, err
	}
	return &Sender{route: r, env: e, limit: patience}, nil
}

// Send hands a mail to the server, within ten seconds. Returns Unavailable
// (mail_failing) if that failed. Then the mail may have been sent all the same
// where the server took it and did not say so in time.
func (s *Sender) Send(ctx context.Context, m Message) error {
	ctx, done := context.WithTimeout(ctx, s.limit)
	defer done()
	msg, err := s.compose(m)
	if err != nil {
		return errFailing.Because(err)
	}
	if err := s.deliver(ctx, msg); err != nil {
		return errFailing.Because(s.reason(ctx, err))
	}
	return nil
}

// compose writes the mail. Nothing in it comes from this machine's name, which
// the library would put into its id.
func (s *Sender) compose(m Message) (*gomail.Msg, error) {
	if to, err := identity.ParseEmail(string(m.To)); err != nil || to != m.To || !isSubject(m.Subject) {
		return nil, errHeader
	}
	lines := strings.NewReplacer("\r\n", "\r\n", "\n", "\r\n") // as text has them in mail (RFC 2046, section 4.1.1)
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingB64))
	from := s.route.mailbox
	msg.FromMailAddress(from)
	msg.ToMailAddress(&mail.Address{Address: string(m.To)})
	msg.Subject(m.Subject)
	msg.SetDateWithValue(s.env.Now())
	msg.SetMessageIDWithValue(s.env.ID() + from.Address[strings.LastIndexByte(from.Address, '@'):])
	// So that nobody's absence is told to it (RFC 3834, section 5).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, lines.Replace(m.Text.Reveal()))
	return msg, nil
}

func isSubject(text string) bool {
	return text != "" && len([]rune(text)) <= mostSubject && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// deliver connects and hands the mail over. When the context ends the
// connection is closed, whatever the library waits for.
func (s *Sender) deliver(ctx context.Context, msg *gomail.Msg) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	client, err := s.client(conn)
	if err != nil {
		return err
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	if err := client.SendWithSMTPClient(session, msg); err != nil {
		return err
	}
	_ = session.Quit() // the server has taken the mail, however it says good-bye
	return nil
}

// reason returns what the log may hold of a failure. Servers repeat what they
// were told: until the mail is handed over that can be the password, from then
// on also what stands in the mail, and then only the number is kept.
func (s *Sender) reason(ctx context.Context, err error) error {
	text := s.masked(err.Error())
	if e, ok := errors.AsType[*gomail.SendError](err); ok && (e.Reason == gomail.ErrSMTPDataClose || e.Reason == gomail.ErrWriteContent) {
		text = fmt.Sprintf("the mail was not taken: %d %s", e.ErrorCode(), e.EnhancedStatusCode())
	}
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("mail server %s: %w: %s", s.route.Address, ended, text)
	}
	return fmt.Errorf("mail server %s: %s", s.route.Address, text)
}

// masked returns a text without the password in any form that it is sent in.
func (s *Sender) masked(text string) string {
	const most = 500 // bytes
	if password := s.route.Password.Reveal(); password != "" {
		encode := base64.StdEncoding.EncodeToString
		text = strings.NewReplacer(
			encode([]byte("\x00"+s.route.User+"\x00"+password)), "[secret]",
			encode([]byte(password)), "[secret]",
			password, "[secret]",
		).Replace(text)
	}
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}
