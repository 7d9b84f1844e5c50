package sqlite

import (
	"slices"
	"strings"
	"unicode/utf8"

	"latchkey/backend/identity"
)

// A selection is the rows that a filter chooses: SELECTs of ids that have no
// row in common.
type selection struct {
	parts []string
	args  []any
}

// add adds the rows of a SELECT for which a condition holds.
func (s *selection) add(rows string, where condition) {
	if len(where.terms) > 0 {
		rows += " WHERE " + strings.Join(where.terms, " AND ")
	}
	s.parts = append(s.parts, rows)
	s.args = append(s.args, where.args...)
}

func (s selection) ids() string { return strings.Join(s.parts, " UNION ALL ") }

// page yields the ids of a page. It takes the limit and the offset after the
// arguments of the selection.
func (s selection) page() string { return s.ids() + " ORDER BY id LIMIT ? OFFSET ?" }

// count looks at every row that is chosen.
func (s selection) count(t *tx) (n int, err error) {
	err = t.row("SELECT count(*) FROM ("+s.ids()+") AS chosen", s.args...).Scan(&n)
	return n, err
}

// totalOf returns how many rows there are in all. A page that is not full
// tells; otherwise they are counted.
func totalOf(p identity.Page, found int, count func() (int, error)) (int, error) {
	_, offset := bounds(p)
	if (p.Limit <= 0 || found < p.Limit) && (found > 0 || offset == 0) {
		return int(offset) + found, nil
	}
	return count()
}

// A condition is terms that must all hold, and their arguments.
type condition struct {
	terms []string
	args  []any
}

func (c condition) and(term string, args ...any) condition {
	return condition{append(slices.Clip(c.terms), term), append(slices.Clip(c.args), args...)}
}

// A part is text that a column must hold somewhere. Empty text is anywhere.
type part struct{ column, text string }

// within adds parts that are looked for row by row.
func (c condition) within(parts ...part) condition {
	for _, p := range parts {
		if p.text != "" {
			c = c.and("instr("+p.column+", ?) > 0", p.text)
		}
	}
	return c
}

// matching is what to ask a search index for the parts that it can find, and
// the parts that it cannot. Everything in a text stands between quotes, so
// that none of it is syntax.
func matching(parts ...part) (match string, others []part) {
	var terms []string
	for _, p := range parts {
		if !indexed(p.text) {
			others = append(others, p)
			continue
		}
		_, column, _ := strings.Cut(p.column, ".")
		terms = append(terms, column+` : "`+strings.ReplaceAll(p.text, `"`, `""`)+`"`)
	}
	return strings.Join(terms, " AND "), others
}

// indexed reports whether a search index finds a text: it has at least three
// characters, and none that ends the question or that the index takes for another.
func indexed(text string) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) >= 3 &&
		!strings.ContainsAny(text, "\x00\uFFFD\uFFFE\uFFFF")
}
