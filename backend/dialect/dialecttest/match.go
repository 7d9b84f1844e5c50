package dialecttest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// compare checks an answer against the expected one. It returns what the
// recording should say instead, with the placeholders that still fit, and how
// the two differ.
func (v vars) compare(want expected, got Answer) (expected, error) {
	var errs []error
	now := expected{status: got.Status}
	if want.status != got.Status {
		errs = append(errs, fmt.Errorf("status: got %s, want %s", status(got.Status), status(want.status)))
	}
	for _, h := range want.headers {
		text := strings.Join(got.Header.Values(h.name), ", ")
		if err := v.match(h.value, text); err != nil {
			errs = append(errs, fmt.Errorf("header %s: %w", h.name, err))
			h.value = text
		}
		now.headers = append(now.headers, h)
	}
	if want.isJSON() && !got.isJSON() {
		errs = append(errs, errNotJSON)
	}
	body, err := v.compareBody(want.body, got)
	now.body = body
	return now, errors.Join(append(errs, err)...)
}

func (v vars) compareBody(want string, got Answer) (string, error) {
	if !got.isJSON() || len(got.Body) == 0 {
		if err := v.match(want, string(got.Body)); err != nil {
			return string(got.Body), fmt.Errorf("body: %w", err)
		}
		return want, nil
	}
	gotValue, err := parseValue(got.Body)
	if err != nil {
		return string(got.Body), fmt.Errorf("body: the answer is not JSON: %w", err)
	}
	wantValue, err := parseValue([]byte(want))
	if err != nil {
		return v.named(gotValue).String(), fmt.Errorf("body: what is expected is not JSON: %w", err)
	}
	now, errs := v.merge("body", wantValue, gotValue)
	return now.String(), errors.Join(errs...)
}

// merge compares two values. What it returns is got, but with the placeholders
// of want that fit, and with the names of texts that are known.
func (v vars) merge(at string, want, got value) (value, []error) {
	if want.kind == text && placeholder.MatchString(want.text) {
		return v.mergePlaceholder(at, want, got)
	}
	if want.kind != got.kind {
		return v.named(got), differ(at, want, got)
	}
	switch want.kind {
	case object:
		return v.mergeObject(at, want, got)
	case array:
		return v.mergeArray(at, want, got)
	case text, number, word:
	}
	if want.text != got.text {
		return v.named(got), differ(at, want, got)
	}
	return got, nil
}

// named writes known texts by their names.
func (v vars) named(x value) value {
	out := x
	if name, ok := v.nameOf(x.text); ok && x.kind == text {
		out.text = "<" + name + ">"
	}
	out.items, out.members = nil, nil
	for _, i := range x.items {
		out.items = append(out.items, v.named(i))
	}
	for _, m := range x.members {
		out.members = append(out.members, member{m.name, v.named(m.value)})
	}
	return out
}

// mergePlaceholder compares with a text that has placeholders in it. Alone
// they stand for a value of any kind, but <any> only for an object or array.
func (v vars) mergePlaceholder(at string, want, got value) (value, []error) {
	alone := placeholder.FindString(want.text) == want.text
	form, _ := splitForm(strings.Trim(want.text, "<>"))
	switch {
	case alone && form == forms["any"]:
		return want, nil
	case got.kind == object || got.kind == array, got.kind != text && !alone, got.kind == text && alone && form == forms["int"]:
		return v.named(got), differ(at, want, got)
	}
	if err := v.match(want.text, got.text); err != nil {
		return v.named(got), []error{fmt.Errorf("%s: %w", at, err)}
	}
	return want, nil
}

func (v vars) mergeObject(at string, want, got value) (value, []error) {
	out := value{kind: object}
	var errs []error
	for _, m := range got.members {
		inner, ok := want.find(m.name)
		if !ok {
			errs = append(errs, fmt.Errorf("%s.%s: got %s, which is not expected", at, m.name, m.line()))
			out.members = append(out.members, member{m.name, v.named(m.value)})
			continue
		}
		now, err := v.merge(at+"."+m.name, inner, m.value)
		errs = append(errs, err...)
		out.members = append(out.members, member{m.name, now})
	}
	for _, m := range want.members {
		if _, ok := got.find(m.name); !ok {
			errs = append(errs, fmt.Errorf("%s.%s: missing, want %s", at, m.name, m.line()))
		}
	}
	return out, errs
}

func (v vars) mergeArray(at string, want, got value) (value, []error) {
	out := value{kind: array}
	var errs []error
	if len(want.items) != len(got.items) {
		errs = append(errs, fmt.Errorf("%s: got %d items, want %d", at, len(got.items), len(want.items)))
	}
	for i, item := range got.items {
		if i >= len(want.items) {
			out.items = append(out.items, v.named(item))
			continue
		}
		now, err := v.merge(at+"["+strconv.Itoa(i)+"]", want.items[i], item)
		errs = append(errs, err...)
		out.items = append(out.items, now)
	}
	return out, errs
}

func differ(at string, want, got value) []error {
	return []error{fmt.Errorf("%s: got %s, want %s", at, got.line(), want.line())}
}
