package app

import (
	"net/url"
	"strings"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"

	"latchkey/backend/companion"
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

// qrModules draws a text as a QR code. Its size fits the content.
func qrModules(text string) ([]string, error) {
	code, err := encoder.Encoder_encode(text, decoder.ErrorCorrectionLevel_M, nil)
	if err != nil {
		return nil, err
	}
	m := code.GetMatrix()
	rows := make([]string, m.GetHeight())
	for y := range rows {
		row := make([]byte, m.GetWidth())
		for x := range row {
			row[x] = '0' + byte(m.Get(x, y))
		}
		rows[y] = string(row)
	}
	return rows, nil
}
