package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/spf13/cobra"
)

// say tells the person something, in one line.
func (a *app) say(format string, args ...any) {
	fmt.Fprintln(a.err, printable(fmt.Sprintf(format, args...)))
}

// A table is a list for a person to read.
type table struct {
	head  []string
	rows  [][]string
	empty string // what to say when there are no rows
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// list prints a list: the table, or what it was made from as JSON.
func (a *app) list(t table, asJSON any) error {
	if a.json {
		return a.printJSON(asJSON)
	}
	if len(t.rows) == 0 {
		a.say("%s", t.empty)
		return nil
	}
	return printTable(a.out, append([][]string{t.head}, t.rows...))
}

func printTable(w io.Writer, rows [][]string) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(tw, "\t")
			}
			fmt.Fprint(tw, printable(cell))
		}
		fmt.Fprintln(tw)
	}
	return tw.Flush()
}

func (a *app) printJSON(v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, plainJSON(string(text)))
	return err
}

// tell prints what a command has done for programs, which people were told in
// words.
func (a *app) tell(v any) error {
	if !a.json {
		return nil
	}
	return a.printJSON(v)
}

// plainJSON escapes what a terminal could act on and JSON lets stand, which is
// inside strings only.
func plainJSON(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// printable escapes whatever a terminal does not print as it stands: control
// characters, marks of direction, and bytes that are no text.
func printable(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return s
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// short cuts a text that is too long for a table.
func short(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// orDash stands in for an empty cell.
func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// when writes a time for a person, on their clock and by distance.
func (a *app) when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format("2006-01-02 15:04") + " (" + distant(t.Sub(a.env.Now())) + ")"
}

// distant says how far away a moment is; d is negative for the past.
func distant(d time.Duration) string {
	switch {
	case d.Abs() < time.Minute:
		return "now"
	case d < 0:
		return span(-d) + " ago"
	}
	return "in " + span(d)
}

func span(d time.Duration) string {
	unit, word := time.Minute, "minute"
	switch {
	case d >= 48*time.Hour:
		unit, word = 24*time.Hour, "day"
	case d >= 2*time.Hour:
		unit, word = time.Hour, "hour"
	}
	return count(int(d.Round(unit)/unit), word)
}

// count writes a number of things; many of them end in s.
func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}

// withJSON gives a command the flag --json.
func (a *app) withJSON(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&a.json, "json", false, "print JSON, for programs")
	return c
}
