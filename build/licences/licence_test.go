package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const mozilla = `1.12. "Secondary License"
    means either the GNU General Public License, Version 2.0, the GNU Lesser
    General Public License, Version 2.1, the GNU Affero General Public
    License, Version 3.0, or any later versions of those licenses.`

func TestLicence(t *testing.T) {
	cases := []struct {
		name  string
		files map[string]string
		want  string
		err   string
	}{
		{"one", map[string]string{"LICENSE": "MIT\n", "README.md": "read"}, "MIT", ""},
		{"british, with an ending", map[string]string{"Licence.txt": "ISC"}, "ISC", ""},
		{"with a notice", map[string]string{"LICENSE": "Apache", "NOTICE": "by us"}, "Apache\n\nby us", ""},
		{"several", map[string]string{"LICENSE": "BSD", "LICENSE-3RD-PARTY.md": "MIT"}, "BSD\n\nMIT", ""},
		{"none", map[string]string{"licenses.go": "package licenses"}, "", "no file with a licence"},
		{"GPL", map[string]string{"COPYING": "GNU GENERAL PUBLIC LICENSE\nVersion 3"}, "", "GNU GENERAL PUBLIC LICENSE"},
		{"LGPL, over two lines", map[string]string{"LICENSE": "GNU Lesser\n   General Public License"}, "", "Lesser"},
		{"Mozilla", map[string]string{"LICENSE": mozilla}, mozilla, ""},
		{"Mozilla and GPL", map[string]string{"LICENSE": mozilla + "\nGNU General Public License"}, "", "GNU General Public License"},
		{"AGPL beside another", map[string]string{"LICENSE": "MIT", "LICENSE.agpl": "GNU Affero General Public License"}, "", "Affero"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			for name, text := range c.files {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got, err := licence(folder)
			if got != c.want {
				t.Errorf("text = %q, want %q", got, c.want)
			}
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error = %v, want one with %q", err, c.err)
			}
		})
	}
}
