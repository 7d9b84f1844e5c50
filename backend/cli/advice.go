package cli

import (
	"errors"
	"strings"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/vault"
	"latchkey/backend/identity"
)

// advise adds to an error the command that comes next: what happened is told
// by packages that know of no command line.
func (d *desk) advise(err error) error {
	known, ok := errors.AsType[*identity.Error](err)
	if !ok {
		return err
	}
	if c, ok := errors.AsType[*remote.CertificateError](err); ok {
		d.showChange(c)
	}
	advice := d.nextStep(known)
	if advice == "" {
		return err
	}
	told := *known
	if strings.HasPrefix(advice, ":") {
		told.Message = strings.TrimSuffix(told.Message, ".") + advice
	} else {
		told.Message += " " + advice
	}
	return &told
}

// nextStep is what to do about an error, as far as it is a command. One that
// begins with a colon completes the last sentence.
func (d *desk) nextStep(e *identity.Error) string {
	switch e.Code {
	case vault.ErrNew.Code:
		return "Make it with: " + d.command("vault create --keyring") + ", or --passphrase"
	case vault.ErrDamaged.Code, vault.ErrMissing.Code:
		return "For the previous version: " + d.command("vault restore-previous")
	case vault.ErrNoPrevious.Code:
		return "To set it aside: " + d.command("vault set-aside")
	case vault.ErrKeyringMissing.Code, vault.ErrKeyMismatch.Code:
		return "Both at once: " + d.command("vault move --recovery --to keyring")
	case vault.ErrPassphraseWrong.Code, vault.ErrKeyringAbsent.Code, vault.ErrKeyringLocked.Code, vault.ErrKeyringSilent.Code, vault.ErrKeyringFailing.Code:
		if d.newVault {
			return "With a passphrase: " + d.command("vault create --passphrase")
		}
		return "With that and a new passphrase: " + d.command("vault move --recovery --to passphrase")
	case servers.ErrDamaged.Code:
		return "To set it aside: " + d.command("server set-aside")
	case errNoServers.Code:
		return "Add one with: " + d.command("server add ADDRESS")
	case "not_signed_in", "token_refused", "token_expired", "session_ended", "password_changed":
		return ": " + d.command("login "+serverWord(d.at))
	case "user_gone", "token_ignored":
		return "Sign in with: " + d.command("login "+serverWord(d.at))
	case "password_change_required":
		return "Do that on a terminal: " + d.command("login "+serverWord(d.at))
	case "ssh_key_title_taken":
		return "Give it with --title."
	case "code_needed":
		return "Give it with --code."
	case "certificate_untrusted", "certificate_changed":
		return d.trustAdvice(e)
	case "server_moved":
		return movedTo(e)
	case "too_many_attempts":
		return d.lockAdvice(e)
	}
	return ""
}

// lockAdvice says how long a lock holds, and how whoever sits at the server
// can end it.
func (d *desk) lockAdvice(e *identity.Error) string {
	advice := "The lock ends in " + remaining(e.RetryAfter) + "."
	if d.at.Own {
		advice += " You can end it here with: " + d.command("lock clear "+shellWord(d.at.Username))
	}
	return advice
}

// remaining writes how long something takes, in seconds where that matters.
func remaining(d time.Duration) string {
	if d < 2*time.Minute {
		return count(int((d+time.Second-1)/time.Second), "second")
	}
	return span(d)
}

// movedTo says where a server sends callers, if that can be an address.
func movedTo(err error) string {
	moved, ok := errors.AsType[*remote.RedirectError](err)
	if !ok || moved.To.IsZero() {
		return ""
	}
	return "It sends them to: " + moved.To.String()
}

// trustAdvice says how to accept the certificate that was shown.
func (d *desk) trustAdvice(err error) string {
	c, ok := errors.AsType[*remote.CertificateError](err)
	if !ok || d.at.ID == "" {
		return ""
	}
	return "To accept it: " + d.command("server trust "+serverWord(d.at)+flagWord("fingerprint", string(c.Shown.Fingerprint)))
}
