package mail_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"latchkey/backend/internal/secret"
	"latchkey/backend/mail"
)

// script starts a server that speaks to each client what play says, and ends
// with the test.
func script(t *testing.T, play func(*stage)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			play(&stage{c, bufio.NewReader(c)})
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

// A stage is the server's end of a connection.
type stage struct {
	net.Conn
	in *bufio.Reader
}

func (s *stage) say(text string) { _, _ = io.WriteString(s, text+"\r\n") }

// hear returns the next line, without its end.
func (s *stage) hear() string {
	line, err := s.in.ReadString('\n')
	if err != nil {
		return ""
	}
	return strings.TrimRight(line, "\r\n")
}

// silence waits until the client has gone.
func (s *stage) silence() { _, _ = io.Copy(io.Discard, s.in) }

// refuse answers every further command with no.
func (s *stage) refuse() {
	for s.hear() != "" {
		s.say("500 no")
	}
}

// greet comes as far as there are commands to answer.
func (s *stage) greet(extensions ...string) {
	s.say("220 mail.example")
	s.hear()
	for _, e := range append([]string{"mail.example"}, extensions...) {
		s.say("250-" + e)
	}
	s.say("250 8BITMIME")
}

// take answers commands until the mail begins.
func (s *stage) take() {
	for {
		switch line := s.hear(); line {
		case "DATA":
			s.say("354 go on")
			return
		case "":
			return
		default:
			s.say("250 ok")
		}
	}
}

// body returns the mail, with plain line ends.
func (s *stage) body() string {
	var text strings.Builder
	for {
		line, err := s.in.ReadString('\n')
		line = strings.TrimRight(line, "\r\n")
		if err != nil || line == "." {
			return text.String()
		}
		text.WriteString(line + "\n")
	}
}

func plainTo(address string) mail.Config {
	return mail.Config{Address: address, Security: mail.Plain, User: "ann", Password: secret.New(password)}
}

func TestServersThatFail(t *testing.T) {
	for _, tc := range []struct {
		name    string
		play    func(*stage)
		because string
	}{
		{"closes at once", func(*stage) {}, "EOF"},
		{"refuses to talk", func(s *stage) { s.say("554 go away"); s.refuse() }, "554"},
		{"talks of something else", func(s *stage) { s.say("HTTP/1.1 400 Bad Request\r\n\r\n<html>"); s.refuse() }, "HTTP"},
		{"answers with nothing that is a number", func(s *stage) { s.say("\x00\xff\xfe"); s.refuse() }, ""},
		{"never ends its line", func(s *stage) {
			chunk := bytes.Repeat([]byte("220-"), 1<<14)
			for {
				if _, err := s.Write(chunk); err != nil {
					return
				}
			}
		}, ""},
		{"never ends its answer", func(s *stage) {
			for {
				if _, err := io.WriteString(s, "220-more\r\n"); err != nil {
					return
				}
			}
		}, ""},
		{"refuses the greeting", func(s *stage) {
			s.say("220 hi")
			s.hear()
			s.say("502 no")
			s.hear()
			s.say("502 no")
			s.refuse()
		}, "502"},
		{"repeats the password", func(s *stage) {
			s.greet("AUTH PLAIN")
			line := s.hear()
			_, told, _ := strings.Cut(line, "AUTH PLAIN ")
			whole, _ := base64.StdEncoding.DecodeString(told)
			s.say("535 5.7.8 wrong: " + line + " meaning " + string(whole))
			s.refuse()
		}, `535 "5.7.8 wrong: AUTH PLAIN [secret]`},
		{"repeats the password in halves", func(s *stage) {
			s.greet("AUTH LOGIN")
			s.hear()
			s.say("334 VXNlcm5hbWU6")
			s.hear()
			s.say("334 UGFzc3dvcmQ6")
			s.say("535 not " + s.hear())
			s.refuse()
		}, `535 "not [secret]"`},
		{"closes after the password", func(s *stage) { s.greet("AUTH PLAIN"); s.hear() }, "EOF"},
		{"refuses the sender", func(s *stage) {
			s.greet("AUTH PLAIN")
			s.hear()
			s.say("235 ok")
			s.hear()
			s.say("550 5.7.1 not from you")
			s.refuse()
		}, "550 \"5.7.1 not from you"},
		{"closes in the middle of the mail", func(s *stage) { s.greet("AUTH PLAIN"); s.hear(); s.say("235 ok"); s.take(); s.hear() }, ""},
		{"repeats the mail", func(s *stage) {
			s.greet("AUTH PLAIN", "ENHANCEDSTATUSCODES")
			s.hear()
			s.say("235 ok")
			s.take()
			_, encoded, _ := strings.Cut(s.body(), "\n\n")
			text, _ := base64.StdEncoding.DecodeString(strings.ReplaceAll(encoded, "\n", ""))
			s.say("554 5.7.1 spam: " + strings.ReplaceAll(string(text)+encoded, "\n", " "))
			s.refuse()
		}, "the mail was not taken: 554 5.7.1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := newSender(t, plainTo(script(t, tc.play))).Send(t.Context(), hello)
			wantFailing(t, err, tc.because)
			if len(err.Error()) > 1000 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

// The time for a mail is for all of it, wherever the server falls silent, and
// however often it says something.
func TestServersThatHang(t *testing.T) {
	for name, play := range map[string]func(*stage){
		"from the start":       (*stage).silence,
		"after the greeting":   func(s *stage) { s.greet("AUTH PLAIN"); s.silence() },
		"after the user":       func(s *stage) { s.greet("AUTH PLAIN"); s.hear(); s.say("235 ok"); s.silence() },
		"when it has the mail": func(s *stage) { s.greet("AUTH PLAIN"); s.hear(); s.say("235 ok"); s.take(); s.silence() },
		"never, but drips": func(s *stage) {
			for {
				if _, err := s.Write([]byte("220-\r\n")); err != nil {
					return
				}
				<-time.After(time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSender(t, plainTo(script(t, play)))
			s.Limit(200 * time.Millisecond)
			err := s.Send(t.Context(), hello)
			wantFailing(t, err, "deadline")
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v is not the deadline's", err)
			}
		})
	}
	for _, security := range []mail.Security{mail.StartTLS, mail.TLS} {
		c := plainTo(script(t, func(s *stage) {
			if security == mail.StartTLS {
				s.greet("STARTTLS")
				s.hear()
				s.say("220 go on")
			}
			s.silence()
		}))
		c.Security = security
		s := newSender(t, c)
		s.Limit(200 * time.Millisecond)
		wantFailing(t, s.Send(t.Context(), hello), "deadline")
	}
}

// Whoever gives up does not wait for the server.
func TestGivingUp(t *testing.T) {
	ctx, giveUp := context.WithCancel(t.Context())
	s := newSender(t, plainTo(script(t, func(s *stage) { s.greet("AUTH PLAIN"); s.hear(); giveUp(); s.silence() })))
	err := s.Send(ctx, hello)
	wantFailing(t, err, "canceled")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not the context's", err)
	}
	wantFailing(t, s.Send(ctx, hello), "canceled")
}

// A mail that the server took is sent, whatever becomes of the connection.
func TestNoGoodbye(t *testing.T) {
	for name, end := range map[string]func(*stage){
		"closes":  func(*stage) {},
		"refuses": func(s *stage) { s.hear(); s.say("500 what") },
		"hangs":   (*stage).silence,
	} {
		t.Run(name, func(t *testing.T) {
			s := newSender(t, plainTo(script(t, func(s *stage) {
				s.greet("AUTH PLAIN")
				s.hear()
				s.say("235 ok")
				s.take()
				s.body()
				s.say("250 taken")
				end(s)
			})))
			s.Limit(3 * time.Second)
			if err := s.Send(t.Context(), hello); err != nil {
				t.Error(err)
			}
		})
	}
}

// What somebody on the way puts behind the answer to STARTTLS is not taken for
// the server's own words inside TLS (CVE-2011-0411).
func TestWordsBeforeTLS(t *testing.T) {
	heard := make(chan string, 1)
	c := plainTo(script(t, func(s *stage) {
		s.greet("STARTTLS", "AUTH PLAIN")
		s.hear()
		s.say("220 go on\r\n250-mail.example\r\n250 AUTH PLAIN\r\n235 ok")
		rest, _ := io.ReadAll(s.in)
		heard <- string(rest)
	}))
	c.Security = mail.StartTLS
	s := newSender(t, c)
	s.Limit(500 * time.Millisecond)
	wantFailing(t, s.Send(t.Context(), hello), "")
	if rest := <-heard; strings.Contains(rest, "AUTH") || !strings.HasPrefix(rest, "\x16") {
		t.Errorf("after STARTTLS the server heard %q, want a TLS handshake", rest)
	}
}

// No password goes in plain text to a server elsewhere, whatever that offers.
func TestNoPasswordInPlainText(t *testing.T) {
	for address, allowed := range map[string]bool{
		"127.0.0.1:25": true, "127.8.8.8:25": true, "[::1]:25": true, "localhost:25": true, "[::ffff:127.0.0.1]:25": true,
		"mail.example:25": false, "192.168.1.2:25": false, "localhost.example:25": false, "127.0.0.1.example:25": false,
		"[::ffff:10.0.0.1]:25": false, "0.0.0.0:25": false, "127.1:25": false,
	} {
		c := plainTo(address)
		c.From = "nas@home.example"
		if _, err := mail.New(c, testEnv()); (err == nil) != allowed {
			t.Errorf("%s with a password: %v, want allowed %v", address, err, allowed)
		}
		c.User = ""
		if _, err := mail.New(c, testEnv()); err != nil {
			t.Errorf("%s without one: %v", address, err)
		}
	}
}
