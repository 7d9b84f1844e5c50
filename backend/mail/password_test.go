package mail_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/backend/internal/secret"
	"latchkey/backend/mail"
)

func TestTemporaryPassword(t *testing.T) {
	m := mail.TemporaryPassword{To: "ann@example.com", Site: "Mum & Dad", Username: "ann", Password: secret.New("kiwi-%d-42"), Works: 24 * time.Hour}.Message()
	if m.To != "ann@example.com" || m.Subject != "Mum & Dad: temporary password / 临时密码" {
		t.Errorf("to %s about %q", m.To, m.Subject)
	}
	text := m.Text.Reveal()
	for part, times := range map[string]int{
		"kiwi-%d-42": 2, "Mum & Dad": 4, " ann\n": 2, "24 hours": 1, "24 小时": 1, "must be changed": 1, "必须更改": 1,
		"tell the administrator": 1, "请告知": 1, "%!": 0, "\r": 0,
	} {
		if got := strings.Count(text, part); got != times {
			t.Errorf("%q comes %d times, want %d, in:\n%s", part, got, times, text)
		}
	}
	if text := (mail.TemporaryPassword{Works: time.Hour}).Message().Text.Reveal(); !strings.Contains(text, "for one hour and") {
		t.Errorf("one hour is told as:\n%s", text)
	}
}

// The longest title and name make a mail that can be sent.
func TestTheLongestTitle(t *testing.T) {
	o := openOffice(t)
	s := newSender(t, o.at(mail.Plain))
	m := mail.TemporaryPassword{To: "ann@example.com", Site: strings.Repeat("櫃", 100), Username: "ann", Password: secret.New("x"), Works: 24 * time.Hour}.Message()
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(o.next(t).Text) {
		if len(strings.TrimRight(line, "\r\n")) > 78 {
			t.Errorf("a line of %d bytes (RFC 5322, section 2.1.1): %s", len(line), line)
		}
	}
}
