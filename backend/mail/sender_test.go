package mail_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"

	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
	"latchkey/backend/mail"
)

func TestSend(t *testing.T) {
	o := openOffice(t)
	for _, security := range []mail.Security{mail.Plain, mail.StartTLS, mail.TLS} {
		for user, c := range map[string]mail.Config{"": o.at(security), "ann": o.asking(security)} {
			s := newSender(t, c)
			s.Trust(o.roots)
			if err := s.Send(t.Context(), hello); err != nil {
				t.Fatalf("%s as %q: %v", security, user, err)
			}
			got := o.next(t)
			if got.HELO != "[127.0.0.1]" || got.From != "nas@home.example" || len(got.To) != 1 || got.To[0] != "bob@example.com" ||
				got.User != user || got.StartTLS != (security == mail.StartTLS) {
				t.Errorf("%s as %q: the server got %+v", security, user, got)
			}
			checkMail(t, got.Text)
		}
	}
}

// checkMail looks at what a program that reads mail makes of it.
func checkMail(t *testing.T, text string) {
	t.Helper()
	msg, err := netmail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	id := msg.Header.Get("Message-Id")
	for header, want := range map[string]string{
		"From": "Nås <nas@home.example>", "To": "<bob@example.com>", "Subject": "Grüße / 你好",
		"Date": "Mon, 30 Nov 2026 12:00:00 +0000", "Auto-Submitted": "auto-generated", "User-Agent": "", "X-Mailer": "",
	} {
		got, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get(header))
		if err != nil || strings.ReplaceAll(got, `"`, "") != want {
			t.Errorf("%s: %q, %v; want %q", header, got, err, want)
		}
	}
	if !strings.HasSuffix(id, "@home.example>") || len(id) < 40 {
		t.Errorf("the id is %s", id)
	}
	body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, msg.Body))
	if err != nil || string(body) != "canary-text-91\r\n.\r\nQUIT\r\n你好\r\n" {
		t.Errorf("the body is %q, %v", body, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	o := openOffice(t)
	s := newSender(t, o.asking(mail.Plain))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			m := hello
			m.Subject = fmt.Sprint("mail ", i)
			if err := s.Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for range 8 {
		msg, err := netmail.ReadMessage(strings.NewReader(o.next(t).Text))
		if err != nil {
			t.Fatal(err)
		}
		seen[msg.Header.Get("Subject")] = true
	}
	if len(seen) != 8 {
		t.Errorf("%d mails came: %v", len(seen), seen)
	}
}

// wantFailing checks that an error tells people nothing of what went wrong,
// and the log what it needs but no secret.
func wantFailing(t *testing.T, err error, because string) {
	t.Helper()
	e := identity.AsError(err)
	if err == nil || e.Kind != identity.Unavailable || e.Code != "mail_failing" || strings.Contains(e.Message, "127.0.0.1") {
		t.Fatalf("%v; want mail_failing", err)
	}
	if e.Err == nil || !strings.Contains(e.Err.Error(), because) {
		t.Errorf("because of %v; want %q", e.Err, because)
	}
	for _, planted := range []string{password, "canary", base64.StdEncoding.EncodeToString([]byte(password)), base64.StdEncoding.EncodeToString([]byte("\x00ann\x00" + password))} {
		if strings.Contains(fmt.Sprintf("%v %+v", err, errors.Unwrap(err)), planted) {
			t.Errorf("the error tells a secret: %v", err)
		}
	}
}

func TestTheWrongPassword(t *testing.T) {
	o := openOffice(t)
	for _, security := range []mail.Security{mail.Plain, mail.StartTLS, mail.TLS} {
		c := o.asking(security)
		c.Password = secret.New("canary-wrong")
		s := newSender(t, c)
		s.Trust(o.roots)
		wantFailing(t, s.Send(t.Context(), hello), "535")
		c.User = ""
		s = newSender(t, c)
		s.Trust(o.roots)
		wantFailing(t, s.Send(t.Context(), hello), "530")
	}
}

// A server that asks for nobody is told no password, and no mail.
func TestNobodyIsAskedFor(t *testing.T) {
	c := openOffice(t).at(mail.Plain)
	c.User, c.Password = "ann", secret.New(password)
	wantFailing(t, newSender(t, c).Send(t.Context(), hello), "AUTH")
}

// Whoever stands between can show a certificate, but none that is vouched for.
func TestACertificateThatNobodyVouchesFor(t *testing.T) {
	o, other := openOffice(t), newPaper(t)
	for _, security := range []mail.Security{mail.StartTLS, mail.TLS} {
		c := o.asking(security)
		wantFailing(t, newSender(t, c).Send(t.Context(), hello), "certificate")
		s := newSender(t, c)
		s.Trust(other.roots)
		wantFailing(t, s.Send(t.Context(), hello), "certificate")
		// The right certificate, but for another name.
		c.Address = strings.Replace(c.Address, "127.0.0.1", "localhost", 1)
		s = newSender(t, c)
		s.Trust(o.roots)
		wantFailing(t, s.Send(t.Context(), hello), "to match localhost")
	}
}

// STARTTLS that is not offered may have been taken out on the way.
func TestNoTLSWhereItIsAskedFor(t *testing.T) {
	c := openOffice(t).asking(mail.Plain)
	for _, c.Security = range []mail.Security{mail.StartTLS, mail.TLS} {
		wantFailing(t, newSender(t, c).Send(t.Context(), hello), "")
	}
}

func TestNobodyListens(t *testing.T) {
	s := newSender(t, mail.Config{Address: "127.0.0.1:1", Security: mail.Plain})
	wantFailing(t, s.Send(t.Context(), hello), "127.0.0.1:1")
}

// What would become further headers, recipients or commands goes nowhere.
func TestHeaderInjection(t *testing.T) {
	o := openOffice(t)
	s := newSender(t, o.at(mail.Plain))
	for _, m := range []mail.Message{
		{To: "bob@example.com\r\nBcc: eve@example.com", Subject: "x"},
		{To: "bob@example.com>\r\nRCPT TO:<eve@example.com", Subject: "x"},
		{To: "bob@example.com, eve@example.com", Subject: "x"},
		{To: "Bob <bob@example.com>", Subject: "x"},
		{To: "", Subject: "x"},
		{To: "bob@example.com", Subject: "x\r\nBcc: eve@example.com"},
		{To: "bob@example.com", Subject: "x\nX-Evil: y"},
		{To: "bob@example.com", Subject: "x\u2028y"},
		{To: "bob@example.com", Subject: "x\x00"},
		{To: "bob@example.com", Subject: ""},
		{To: "bob@example.com", Subject: strings.Repeat("x", 201)},
	} {
		m.Text = secret.New("x")
		wantFailing(t, s.Send(t.Context(), m), "subject")
	}
	if err := s.Send(t.Context(), hello); err != nil {
		t.Fatal(err)
	}
	checkMail(t, o.next(t).Text) // it is the first to have come
}
