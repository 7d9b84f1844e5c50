package server_test

import (
	"bufio"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"

	"latchkey/backend/account"
	"latchkey/backend/identity"
)

// A postbox takes one mail over SMTP and hands it out.
func postbox(t *testing.T) (addr string, mails <-chan string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	out := make(chan string, 1)
	go func() {
		defer close(out)
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_ = ln.Close() // nobody is there a second time
		if text := takeMail(conn); text != "" {
			out <- text
		}
	}()
	return ln.Addr().String(), out
}

// takeMail speaks just enough of RFC 5321 to be handed a mail.
func takeMail(conn net.Conn) string {
	say := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	in := bufio.NewReader(conn)
	say("220 postbox")
	var text strings.Builder
	for inMail := false; ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return text.String()
		}
		switch {
		case inMail && line == ".\r\n":
			inMail = false
			say("250 taken")
		case inMail:
			text.WriteString(line)
		case strings.HasPrefix(line, "DATA"):
			inMail = true
			say("354 go on")
		case strings.HasPrefix(line, "QUIT"):
			say("221 bye")
			return text.String()
		default:
			say("250 postbox")
		}
	}
}

// The settings lead to a mail with what the administrator is answered, too.
func TestTemporaryPasswordIsSent(t *testing.T) {
	addr, mails := postbox(t)
	cfg := settings(t, t.TempDir())
	cfg.SMTP, cfg.SMTPFrom, cfg.SMTPSecurity = addr, "nas@home.example", "none"
	s, _ := start(t, cfg)
	byHand := identity.Origin{Rights: identity.Everything(), Door: "test"}
	ann, err := s.Core().Accounts.CreateUser(t.Context(), account.NewUser{Username: "ann", Email: "ann@example.com", Password: "a long password"}, byHand)
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.Core().Accounts.ResetPassword(t.Context(), ann.ID, true, byHand)
	if err != nil || !made.Sent {
		t.Fatalf("sent: %v, %v", made.Sent, err)
	}
	m, err := mail.ReadMessage(strings.NewReader(<-mails))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || !strings.Contains(subject, cfg.SiteTitle) || m.Header.Get("To") != "<ann@example.com>" {
		t.Errorf("to %q, subject %q, %v", m.Header.Get("To"), subject, err)
	}
	body, err := decoded(m)
	if err != nil || !strings.Contains(body, made.Password.Reveal()) || !strings.Contains(body, "ann") || !strings.Contains(body, "临时密码") {
		t.Errorf("the mail says %q, %v", body, err)
	}
	if made, err = s.Core().Accounts.ResetPassword(t.Context(), ann.ID, true, byHand); err != nil || made.Sent {
		t.Errorf("with nobody to take it: sent %v, %v", made.Sent, err)
	}
}

func decoded(m *mail.Message) (string, error) {
	r := m.Body
	switch m.Header.Get("Content-Transfer-Encoding") {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	text, err := io.ReadAll(r)
	return string(text), err
}
