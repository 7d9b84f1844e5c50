package backup

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"latchkey/backend/companion/authenticator/otpauth"
)

// readText reads a table, or lines with a URI each.
func readText(text []byte) (Backup, error) {
	head, _, _ := bytes.Cut(text, []byte("\n"))
	columns, err := csv.NewReader(bytes.NewReader(head)).Read()
	if err == nil {
		if t, ok := tableOf(columns); ok {
			return t.read(text)
		}
	}
	b := Backup{Format: URIs}
	if !isList(text) {
		return Backup{}, ErrUnknown
	}
	b.addLines(text)
	return b, nil
}

// isList reports whether any line can hold a code.
func isList(text []byte) bool {
	for line := range bytes.Lines(text) {
		if c := otpauth.Recognise(string(line)); c == otpauth.Setup || c == otpauth.Migration {
			return true
		}
	}
	return false
}

// addLines reads a URI from each line. Empty lines, and those that begin with
// "#", say nothing.
func (b *Backup) addLines(text []byte) {
	var lines []string
	var numbers []int
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && len(lines) <= otpauth.MostEntries {
			lines, numbers = append(lines, string(line)), append(numbers, n)
		}
	}
	b.Reading = otpauth.Read(lines)
	for i := range b.Unread {
		b.Unread[i].At = numbers[b.Unread[i].At-1]
	}
}

// A table says in which column of a CSV file what is; -1 is none.
type table struct {
	format                           Format
	issuer, account, code, tag, kept int
}

// tableOf knows a table by its head.
func tableOf(columns []string) (table, bool) {
	at := func(name string) int {
		for i, c := range columns {
			if strings.EqualFold(strings.TrimSpace(c), name) {
				return i
			}
		}
		return -1
	}
	if code := at("login_totp"); code >= 0 {
		return table{Bitwarden, at("name"), at("login_username"), code, at("folder"), at("favorite")}, true
	}
	if code := at("TOTP"); code >= 0 && at("Title") >= 0 {
		return table{KeePassXC, at("Title"), at("Username"), code, at("Group"), -1}, true
	}
	return table{}, false
}

// read goes through the rows, of which all but a few cells are secrets that are
// none of our business.
func (t table) read(text []byte) (Backup, error) {
	b := Backup{Format: t.format}
	rows := csv.NewReader(bytes.NewReader(text))
	rows.FieldsPerRecord = -1
	rows.ReuseRecord = true
	for at := 1; ; at++ {
		row, err := rows.Read()
		switch {
		case errors.Is(err, io.EOF):
			return b, nil
		case err != nil:
			return Backup{}, ErrDamaged // the cause could quote it
		case len(b.Found)+len(b.Unread) == otpauth.MostEntries:
			return Backup{}, otpauth.ErrTooMany
		}
		if code := cell(row, t.code); at > 1 && code != "" {
			e := otpauth.Entry{Issuer: cell(row, t.issuer), Account: cell(row, t.account), Pinned: cell(row, t.kept) == "1"}
			if group := cell(row, t.tag); group != "Root" { // KeePassXC's folder of all folders
				e.Tags = []string{strings.TrimPrefix(group, "Root/")}
			}
			b.addLogin(at, e, code)
		}
	}
}

// cell returns a cell of a row, or "" if it is not there.
func cell(row []string, at int) string {
	if at < 0 || at >= len(row) {
		return ""
	}
	return strings.TrimSpace(row[at])
}
