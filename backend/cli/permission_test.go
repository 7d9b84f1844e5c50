package cli

import (
	"slices"
	"testing"

	"latchkey/backend/identity"
)

// TestPermissionWords gives each bit that has a meaning exactly one word.
func TestPermissionWords(t *testing.T) {
	var all identity.PathPermission
	seen := map[string]bool{allWord: true}
	for _, p := range permissionWords() {
		if all&p.bit != 0 || seen[p.word] {
			t.Errorf("%s stands for a bit that has a word, or is used twice", p.word)
		}
		all, seen[p.word] = all|p.bit, true
		got, err := readPermissions([]string{p.word})
		if err != nil || got != p.bit || !slices.Equal(wordsOf(got), []string{p.word}) {
			t.Errorf("%s reads as %v, %v", p.word, wordsOf(got), err)
		}
	}
	if all != identity.PathKnown {
		t.Errorf("bits without a word: %b", identity.PathKnown&^all)
	}
	if got, err := readPermissions([]string{"all"}); err != nil || got != identity.PathKnown {
		t.Errorf("all is %b, %v", got, err)
	}
}

func TestScopeEdit(t *testing.T) {
	const read, write = identity.PathSFTPRead, identity.PathSFTPWrite
	before := []identity.Scope{{Path: "/", Permission: read}, {Path: "/x", Permission: write}}
	for _, tc := range []struct {
		name string
		edit scopeEdit
		want []identity.Scope
	}{
		{"allow more", scopeEdit{"/", write, 0}, []identity.Scope{{Path: "/", Permission: read | write}, {Path: "/x", Permission: write}}},
		{"take away", scopeEdit{"/", 0, read}, []identity.Scope{{Path: "/"}, {Path: "/x", Permission: write}}},
		{"another path", scopeEdit{"/y", read, 0}, append(slices.Clone(before), identity.Scope{Path: "/y", Permission: read})},
		{"nothing left", scopeEdit{"/x", 0, identity.PathKnown}, before[:1]},
		{"nothing there", scopeEdit{"/z", 0, read}, before},
		{"deny wins", scopeEdit{"/", write, write}, before},
		{"nothing said", scopeEdit{path: "/z"}, before},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.edit.apply(before); !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
			if before[0].Permission != read || len(before) != 2 {
				t.Fatal("the role itself was changed")
			}
		})
	}
}
