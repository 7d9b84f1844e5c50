package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDevKeys walks through the life of developer keys.
func TestDevKeys(t *testing.T) {
	d := newSignInDesk(t)
	id := d.own.ID
	if list, err := d.account.DevKeys(id); err != nil || list == nil || len(list) != 0 {
		t.Errorf("none yet: %v, %v", list, err)
	}
	made, err := d.account.MakeDevKey(NewDevKey{ID: id, Name: "cron", Days: 90})
	if err != nil || !strings.HasPrefix(made.Text, made.Key.Prefix) || made.Key.Status != "active" {
		t.Fatalf("MakeDevKey = %+v, %v", made.Key, err)
	}
	if life := time.Duration(made.Key.ExpiresAt-made.Key.CreatedAt) * time.Millisecond; life.Round(time.Hour) != 90*24*time.Hour {
		t.Errorf("it lasts for %v", life)
	}
	next, err := d.account.ReplaceDevKey(DevKeyReplacement{ID: id, Key: made.Key.ID, Hours: 24})
	if err != nil || next.Text == made.Text || next.Key.Name != "cron" {
		t.Fatalf("ReplaceDevKey = %+v, %v", next.Key, err)
	}
	ref := DevKeyRef{ID: id, Key: next.Key.ID}
	if err := d.account.DisableDevKey(ref); err != nil {
		t.Error(err)
	}
	list, err := d.account.DevKeys(id)
	if err != nil || len(list) != 2 || list[1].Status != "inactive" || list[0].ExpiresAt == 0 || list[1].LastUsedAt != 0 {
		t.Errorf("DevKeys = %+v, %v", list, err)
	}
	if err := d.account.EnableDevKey(ref); err != nil {
		t.Error(err)
	}
	if err := d.account.DeleteDevKey(ref); err != nil {
		t.Error(err)
	}
	checkProblem(t, "deleted", d.account.DeleteDevKey(ref), "dev_key_not_found")
	checkProblem(t, "no number", d.account.DeleteDevKey(DevKeyRef{ID: id, Key: "1 or 1=1"}), "dev_key_not_found")
	_, err = d.account.ReplaceDevKey(DevKeyReplacement{ID: id, Key: "x"})
	checkProblem(t, "no number", err, "dev_key_not_found")
	_, err = d.account.MakeDevKey(NewDevKey{ID: id})
	checkProblem(t, "no name", err, "dev_key_name_invalid")
	_, err = d.account.MakeDevKey(NewDevKey{ID: id, Name: "x", Password: "wrong"})
	checkProblem(t, "wrong proof", err, "password_wrong")
}

// With a second factor the server wants a code of it.
func TestDevKeysWithCode(t *testing.T) {
	d := newSignInDesk(t)
	secret, _ := d.turnOn(t)
	_, err := d.account.MakeDevKey(NewDevKey{ID: d.own.ID, Name: "cron"})
	checkProblem(t, "no code", err, "code_needed")
	if _, err := d.account.MakeDevKey(NewDevKey{ID: d.own.ID, Name: "cron", Code: codeAt(t, secret, 1)}); err != nil {
		t.Error(err)
	}
}

func TestSaveDevKey(t *testing.T) {
	const text = "17951760070a1b2c3d-0ca0-4e5a-8ce7-3d3cc830d94f"
	d := newSignInDesk(t)
	path := filepath.Join(t.TempDir(), "key.txt")
	for _, tc := range []struct{ language, title, name, text string }{
		{"en", "Save the developer key", "Latchkey developer key a-b.txt", "User name: " + testUser},
		{"zh-CN", "保存开发者密钥", "Latchkey 开发者密钥 a-b.txt", "用户名：" + testUser},
	} {
		d.screen.answer = path
		d.desk.mu.Lock()
		d.language = tc.language
		d.desk.mu.Unlock()
		got, err := d.account.SaveDevKey(ShownDevKey{ID: d.own.ID, Name: "a/b", Text: text})
		if err != nil || got != path {
			t.Fatalf("SaveDevKey = %q, %v", got, err)
		}
		if asked := d.screen.dialogs[len(d.screen.dialogs)-1]; asked.Title != tc.title || asked.Name != tc.name {
			t.Errorf("the dialog is %+v", asked)
		}
		content, err := os.ReadFile(path)
		for _, want := range []string{tc.text, d.own.Name, hostname(), "\n" + text + "\n"} {
			if err != nil || !strings.Contains(string(content), want) {
				t.Errorf("%s: %q is not in %q, %v", tc.language, want, content, err)
			}
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file is %v, %v", info.Mode(), err)
		}
	}
	d.screen.answer = ""
	if got, err := d.account.SaveDevKey(ShownDevKey{ID: d.own.ID}); got != "" || err != nil {
		t.Errorf("cancelled: %q, %v", got, err)
	}
	_, err := d.account.SaveDevKey(ShownDevKey{ID: "none"})
	checkProblem(t, "unknown server", err, "server_unknown")
}
