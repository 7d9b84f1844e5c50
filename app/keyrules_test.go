package app

import "testing"

// TestKeyRules limits a key at the upload and later. What is refused changes
// nothing.
func TestKeyRules(t *testing.T) {
	atHome(t)
	d := newTestDesk(t)
	own := d.withOwn(t)
	screen := &Keys{d: d.desk}
	made, err := screen.Make(NewKey{Kind: "ed25519", Name: "id_limited"})
	if err != nil {
		t.Fatal(err)
	}
	rules := KeyRules{ExpiresAt: d.env.Now().AddDate(1, 0, 0).UnixMilli(), From: "127.0.0.0/8,fd00::/8", ReadOnly: true, Folder: "/photos"}
	for code, bad := range map[string]KeyRules{
		"ssh_key_expired": {ExpiresAt: 1}, "ssh_key_from_invalid": {From: "10.0.0.0/33"}, "ssh_key_folder_invalid": {Folder: "photos"},
	} {
		checkProblem(t, "Upload", screen.Upload(Upload{ID: own.ID, Title: "desk", Line: made.Line, Rules: bad}), code)
	}
	checkProblem(t, "Upload", screen.Upload(Upload{ID: own.ID, Title: "desk", Line: made.Line, Rules: rules}), "")
	key := func() Key {
		t.Helper()
		list, err := screen.List(own.ID)
		if err != nil || len(list.Keys) != 1 {
			t.Fatalf("List: %+v, %v", list, err)
		}
		return list.Keys[0]
	}
	if got := key().Rules; got != rules {
		t.Errorf("the rules are %+v, want %+v", got, rules)
	}
	checkProblem(t, "Limit", screen.Limit(KeyLimit{ID: own.ID, Key: key().ID, Rules: KeyRules{Folder: "../x"}}), "ssh_key_folder_invalid")
	checkProblem(t, "Limit of another", screen.Limit(KeyLimit{ID: own.ID, Key: "4711"}), "ssh_key_not_found")
	checkProblem(t, "Limit of nothing", screen.Limit(KeyLimit{ID: own.ID, Key: "x"}), "ssh_key_not_found")
	if got := key().Rules; got != rules {
		t.Errorf("after refusals the rules are %+v, want %+v", got, rules)
	}
	checkProblem(t, "Limit", screen.Limit(KeyLimit{ID: own.ID, Key: key().ID}), "")
	if got := key().Rules; got != (KeyRules{}) {
		t.Errorf("the rules are %+v, want none", got)
	}

	for typed, code := range map[string]string{
		"": "", "192.168.1.0/24, fd00::/8,!192.168.1.7": "", "10.0.*": "", "192.168.1.0/16": "ssh_key_from_invalid", "nas.local": "ssh_key_from_host",
	} {
		checkProblem(t, "CheckFrom "+typed, screen.CheckFrom(typed), code)
	}
}
