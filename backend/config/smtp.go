package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"strings"
)

const (
	plainSMTP   = "none"
	maxMailbox  = 254 // bytes of an address (RFC 5321, section 4.5.3.1.3)
	maxSender   = 400 // bytes, with a name
	maxSMTPText = 200 // bytes of a user name or a password
)

// validateMail looks at how mail goes out. Of a password it tells nothing.
func (c Config) validateMail() []error {
	var problems []error
	for _, rule := range []struct {
		broken bool
		text   string
	}{
		{c.SMTP != "" && !isMailServer(c.SMTP), fmt.Sprintf("smtp: %q is not a mail server; write it as mail.example:587", c.SMTP)},
		{c.SMTP != "" && c.SMTPFrom == "", "smtp_from: mail needs a sender; name one such as nas@home.example"},
		{c.SMTPFrom != "" && !isMailbox(c.SMTPFrom),
			fmt.Sprintf("smtp_from: %q is not a mailbox; write it as nas@home.example or as Name <nas@home.example>", c.SMTPFrom)},
		{(c.SMTPUser == "") != c.SMTPPassword.IsZero(), "smtp_user and smtp_password belong together; set both or neither"},
		{!isSMTPText(c.SMTPUser), fmt.Sprintf("smtp_user: must be at most %d bytes in one line", maxSMTPText)},
		{!isSMTPText(c.SMTPPassword.Reveal()), fmt.Sprintf("smtp_password: must be at most %d bytes in one line", maxSMTPText)},
		{c.SMTPSecurity != "starttls" && c.SMTPSecurity != "tls" && c.SMTPSecurity != plainSMTP,
			fmt.Sprintf("smtp_security: %q is none of starttls, tls and none", c.SMTPSecurity)},
		{c.SMTPSecurity == plainSMTP && c.SMTPUser != "" && isMailServer(c.SMTP) && !onThisMachine(c.SMTP),
			"smtp_security: with none the password would cross the network for all to read; use starttls or tls"},
	} {
		if rule.broken {
			problems = append(problems, errors.New(rule.text))
		}
	}
	return problems
}

// isMailServer accepts a name or an IP address, with a port.
func isMailServer(addr string) bool {
	host, port, err := net.SplitHostPort(addr)
	return err == nil && isPort(port) && port != "0" && (isName(strings.ToLower(host)) || isIP(host))
}

// onThisMachine reports whether what is sent to an address stays here.
func onThisMachine(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// isMailbox accepts one address that every mail server takes, with a name or
// without (RFC 5322, section 3.4).
func isMailbox(text string) bool {
	parsed, err := mail.ParseAddress(text)
	return err == nil && len(text) <= maxSender && len(parsed.Address) <= maxMailbox &&
		!strings.ContainsFunc(parsed.Address, func(r rune) bool { return r < ' ' || r > '~' })
}

func isSMTPText(text string) bool {
	return len(text) <= maxSMTPText && !strings.ContainsAny(text, "\x00\r\n")
}
