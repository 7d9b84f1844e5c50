package app

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The page's side of the bridge is written by hand, because it says more than
// what Wails would write: which words a text may be, and what may be null.
const (
	pageTypes = "../frontend/src/lib/backend/types.ts"
	pageCalls = "../frontend/src/lib/backend/api.ts"
)

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestThePageCallsWhatIsThere compares the bound methods with the calls of the page.
func TestThePageCallsWhatIsThere(t *testing.T) {
	var want []string
	for _, b := range newTestDesk(t).bound() {
		typ := reflect.TypeOf(b)
		for m := range typ.Methods() {
			want = append(want, typ.Elem().Name()+"."+m.Name)
		}
	}
	var got []string
	for _, m := range regexp.MustCompile(`\('(\w+)',\s*'(\w+)'`).FindAllStringSubmatch(readPage(t, pageCalls), -1) {
		got = append(got, m[1]+"."+m[2])
	}
	slices.Sort(want)
	slices.Sort(got)
	for _, m := range want {
		if !slices.Contains(got, m) {
			t.Errorf("%s calls %s nowhere", pageCalls, m)
		}
	}
	for _, m := range got {
		if !slices.Contains(want, m) {
			t.Errorf("%s calls %s, which no bound struct has", pageCalls, m)
		}
	}
}

// TestThePageKnowsTheTypes compares what crosses the bridge with the types of
// the page: the same fields, of the same sort.
func TestThePageKnowsTheTypes(t *testing.T) {
	page := interfaces(readPage(t, pageTypes))
	seen := map[reflect.Type]bool{}
	var visit func(typ reflect.Type)
	visit = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] {
			return
		}
		seen[typ] = true
		fields := page[pageName(typ)]
		for f := range typ.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if said, ok := fields[name]; !ok || !fits(f.Type, said) {
				t.Errorf("%s.%s is %q on the page; in Go it is %s %s", typ.Name(), f.Name, said, name, f.Type)
			}
			delete(fields, name)
			visit(f.Type)
		}
		for name := range fields {
			t.Errorf("%s has %s on the page only", typ.Name(), name)
		}
	}
	for _, b := range newTestDesk(t).bound() {
		for m := range reflect.TypeOf(b).Methods() {
			for i := 1; i < m.Type.NumIn(); i++ {
				visit(m.Type.In(i))
			}
			for i := range m.Type.NumOut() {
				visit(m.Type.Out(i))
			}
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d types cross the bridge: the test looks in the wrong place", len(seen))
	}
}

// interfaces reads the interfaces of the page: name, field, type.
func interfaces(text string) map[string]map[string]string {
	text = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`).ReplaceAllString(text, "")
	out := map[string]map[string]string{}
	for _, m := range regexp.MustCompile(`(?s)export interface (\w+) \{(.*?)\n\}`).FindAllStringSubmatch(text, -1) {
		out[m[1]] = map[string]string{}
		for _, f := range regexp.MustCompile(`(?s)(\w+): (.*?);`).FindAllStringSubmatch(m[2], -1) {
			out[m[1]][f[1]] = f[2]
		}
	}
	return out
}

// pageName is what the page calls a type.
func pageName(typ reflect.Type) string {
	if typ.Name() == "Preferences" {
		return "Settings"
	}
	return typ.Name()
}

// fits reports whether a type of the page can be that of Go.
func fits(typ reflect.Type, page string) bool {
	switch typ.Kind() {
	case reflect.Bool:
		return page == "boolean"
	case reflect.Int, reflect.Int64, reflect.Float64:
		return page == "number" || regexp.MustCompile(`^\d( \| \d)*$`).MatchString(page)
	case reflect.String:
		return page == "string" || strings.Contains(page, "'") || slices.Contains([]string{"State", "Method"}, strings.TrimPrefix(page, "'' | "))
	case reflect.Slice:
		elem, ok := strings.CutSuffix(page, "[]")
		return ok && fits(typ.Elem(), elem)
	case reflect.Map:
		return page == "Record<string, string>" || page == "Partial<Record<string, string>>"
	case reflect.Pointer:
		elem, ok := strings.CutSuffix(page, " | null")
		return ok && fits(typ.Elem(), elem)
	case reflect.Struct:
		return page == pageName(typ)
	}
	return false
}
