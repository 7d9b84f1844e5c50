package app

import (
	"net/url"
	"strings"

	"latchkey/backend/companion"
	"latchkey/backend/companion/qr"
)

// setupURI writes a secret as authenticators read it from a QR code. The rest of
// it is what every server of this kind does, and what authenticators take for
// granted: SHA-1, six digits, thirty seconds.
func setupURI(text companion.Secret, server, username string) string {
	issuer := bare(server)
	// A space as + is shown by some authenticators as it is.
	query := strings.ReplaceAll(url.Values{"issuer": {issuer}, "secret": {text.Reveal()}}.Encode(), "+", "%20")
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(bare(username)) + "?" + query
}

// bare takes out the colon, which parts the two halves of a label.
func bare(name string) string { return strings.ReplaceAll(name, ":", " ") }

// quietZone is the light border of a drawing, in modules. The page has its own.
const quietZone = 4

// qrModules draws a text as a QR code: rows of modules, '1' dark, without the
// light border.
func qrModules(text string) ([]string, error) {
	code, err := qr.Draw(text)
	if err != nil {
		return nil, err
	}
	rows := make([]string, code.Side()-2*quietZone)
	for y := range rows {
		row := make([]byte, len(rows))
		for x := range row {
			row[x] = '0'
			if code.Dark(x+quietZone, y+quietZone) {
				row[x] = '1'
			}
		}
		rows[y] = string(row)
	}
	return rows, nil
}
