package backup

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"

	"latchkey/backend/companion/authenticator/otpauth"
)

// A Drawer draws a QR code, as a PNG.
type Drawer func(text string) ([]byte, error)

// SheetWords are the words of a sheet, in the person's language.
type SheetWords struct {
	Language string // of the words, such as "en"
	Title    string
	Warning  string // that whoever has the sheet has the codes
	Secret   string // what stands before a secret
}

type sheetEntry struct {
	Issuer, Account string
	Image           template.URL
	Secret, Details string
}

// WriteSheet writes a page of HTML to print: for each entry a QR code that any
// authenticator scans, and its secret in groups of four for typing. It needs
// nothing from elsewhere, and lets nothing be fetched.
func WriteSheet(entries []otpauth.Entry, w SheetWords, draw Drawer) ([]byte, error) {
	sheet := struct {
		SheetWords
		Entries []sheetEntry
	}{SheetWords: w}
	for _, e := range entries {
		image, err := draw(e.URI())
		if err != nil {
			return nil, fmt.Errorf("draw sheet: %w", err)
		}
		sheet.Entries = append(sheet.Entries, sheetEntry{
			Issuer: e.Issuer, Account: e.Account, Secret: inFours(e.Key.Secret.Base32()), Details: details(e.Key),
			Image: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(image)),
		})
	}
	page, err := template.New("sheet").Parse(sheetPage)
	if err != nil {
		return nil, fmt.Errorf("parse sheet: %w", err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, sheet); err != nil {
		return nil, fmt.Errorf("write sheet: %w", err)
	}
	return out.Bytes(), nil
}

// details writes what has to be set by hand where a secret is typed, in the
// words that every app has for it.
func details(k otpauth.Key) string {
	about := fmt.Sprintf("%s, %s, %d", strings.ToUpper(string(k.Kind)), k.Algorithm, k.Digits)
	if k.Kind == otpauth.HOTP {
		return about + fmt.Sprintf(", #%d", k.Counter)
	}
	return about + fmt.Sprintf(", %d s", k.Period)
}

func inFours(text string) string {
	var out strings.Builder
	for i, r := range text {
		if i > 0 && i%4 == 0 {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
	}
	return out.String()
}

const sheetPage = `<!doctype html>
<html lang="{{.Language}}">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{{.Title}}</title>
<style>
body { font: 12pt/1.4 sans-serif; color: #000; background: #fff; margin: 1.5cm }
section { display: flex; gap: 1cm; align-items: center; padding: .5cm 0; border-top: 1px solid #999; break-inside: avoid }
img { width: 4cm; height: 4cm; image-rendering: pixelated }
h2 { font-size: 14pt; margin: 0; overflow-wrap: anywhere }
p { margin: .1cm 0; overflow-wrap: anywhere }
code { font-size: 11pt }
</style>
<h1>{{.Title}}</h1>
<p>{{.Warning}}</p>
{{range .Entries}}<section>
<img src="{{.Image}}" alt="">
<div>
<h2>{{.Issuer}}</h2>
<p>{{.Account}}</p>
<p>{{$.Secret}} <code>{{.Secret}}</code></p>
<p>{{.Details}}</p>
</div>
</section>
{{end}}`
