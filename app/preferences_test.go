package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPreferencesAreKept(t *testing.T) {
	data := filepath.Join(t.TempDir(), "made on demand")
	n := openNotebook(data)
	if got := n.read(); got != firstMemory() {
		t.Errorf("at first: %+v", got)
	}
	want := memory{Preferences: Preferences{Language: "zh-CN", Theme: "dark", ClipboardSeconds: 0, Closing: "keep"}, View: "keys", Width: 900, Height: 700, Maximised: true}
	if err := n.write(func(m *memory) { *m = want }); err != nil {
		t.Fatal(err)
	}
	if got := openNotebook(data).read(); got != want {
		t.Errorf("after a restart: %+v; want %+v", got, want)
	}
	info, err := os.Stat(n.path)
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("file: %v, %v", info, err)
	}
}

// Nothing that stands in the file keeps the window from opening.
func TestABadNotebookCountsForNothing(t *testing.T) {
	first := firstMemory()
	for text, want := range map[string]memory{
		"":                            first,
		"{":                           first,
		"[1]":                         first,
		`{"preferences":{"theme":1}}`: first,
		`{"preferences":{"closing":"never","theme":"pink"}}`:      first,
		`{"width":-5,"height":99999999}`:                          first,
		`{"width":10,"height":10,"maximised":true}`:               {Preferences: first.Preferences, Width: first.Width, Height: first.Height, Maximised: true},
		`{"preferences":{"clipboardSeconds":-1,"closing":"ask"}}`: first,
		`{"preferences":{"language":"fr","closing":"ask"}}`:       first,
	} {
		data := t.TempDir()
		if err := os.WriteFile(filepath.Join(data, "window.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := openNotebook(data).read(); got != want {
			t.Errorf("%s: %+v; want %+v", text, got, want)
		}
	}
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	n := openNotebook(filepath.Join(file, "data"))
	checkProblem(t, "write", n.write(func(m *memory) { m.View = "keys" }), "data_folder_unwritable")
}
