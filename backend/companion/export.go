package companion

import (
	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/backup"
	"latchkey/backend/companion/qr"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// A Format is a sort of file that codes are written into.
type Format string

// The formats. Only the first can be encrypted.
const (
	AsAegis Format = "aegis" // a backup of Aegis, which other apps read too
	AsURIs  Format = "uris"  // a list of otpauth:// lines
	AsSheet Format = "sheet" // a page of QR codes to print
)

var errFormat = identity.NewError(identity.Invalid, "otp_format_unknown",
	"Codes can be written as a backup of Aegis, as a list of links, or as a sheet of QR codes. Choose one of these.")

// An Export says how codes are written.
type Export struct {
	Format   Format
	Plain    bool        // whoever has the file has the codes; the formats but AsAegis want it
	Password secret.Text // opens the file, unless it is Plain
	Words    backup.SheetWords
}

// Export writes entries as a file's content. What is encrypted and what is not
// is never mixed up: a password with Plain, and a format that knows none without
// it, are refused. Errors are otp_format_unknown and those of package backup.
func (c *Companion) Export(entries []authenticator.Entry, x Export) ([]byte, error) {
	list := authenticator.Portable(entries)
	switch {
	case x.Plain != x.Password.IsZero():
		return nil, backup.ErrPasswordMissing
	case x.Format == AsAegis && x.Plain:
		return backup.WritePlainAegis(list, c.env)
	case x.Format == AsAegis:
		return backup.WriteAegis(list, x.Password, c.env)
	case x.Format == AsURIs && x.Plain:
		return backup.WriteURIs(list), nil
	case x.Format == AsSheet && x.Plain:
		return backup.WriteSheet(list, x.Words, drawCode)
	}
	return nil, errFormat
}

// drawCode draws a QR code large enough to be scanned from paper.
func drawCode(text string) ([]byte, error) {
	const pixels = 400
	drawing, err := qr.Draw(text)
	if err != nil {
		return nil, err
	}
	return drawing.PNG(pixels)
}

// SheetWords are the words of a sheet in English.
func SheetWords() backup.SheetWords {
	return backup.SheetWords{
		Language: "en", Title: "Two-factor codes", Secret: "Secret:",
		Warning: "Whoever has this sheet has these codes. Keep it where you keep your passport.",
	}
}
