package companion_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"latchkey/backend/companion"
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/sshkeys"
)

func TestJoinKeys(t *testing.T) {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	nas, vps := servers.Server{Name: "nas"}, servers.Server{Name: "vps"}
	got := companion.JoinKeys(companion.KeySources{
		There: []companion.KeyThere{
			{nas, remote.SSHKey{ID: 1, Title: "laptop", Fingerprint: "one", AddedAt: day.AddDate(-3, 0, 0)}},
			{nas, remote.SSHKey{ID: 2, Title: "phone", Type: "ssh-rsa", Fingerprint: "two", AddedAt: day}},
			{nas, remote.SSHKey{ID: 3, Title: "tablet", Fingerprint: "six", AddedAt: day.AddDate(0, -9, 0)}},
			{nas, remote.SSHKey{ID: 4, Title: "desk", Fingerprint: "seven", AddedAt: day.AddDate(0, -9, 0), LastUsedAt: day}},
			{vps, remote.SSHKey{ID: 7, Title: "from home", Fingerprint: "one"}},
		},
		Files: []sshkeys.KeyFile{
			{Path: "/broken", HasPrivate: true, Problem: sshkeys.ErrNotAKey},
			{Path: "/a.pub", HasPublic: true, Public: sshkeys.Public{Fingerprint: "one", Type: "ssh-ed25519"}},
			{Path: "/a", HasPrivate: true, Loose: true, Public: sshkeys.Public{Fingerprint: "one"}},
			{Path: "/b", HasPrivate: true, Encrypted: true, Public: sshkeys.Public{Fingerprint: "three", Algorithm: "RSA", Bits: 2048, Comment: "ann@desk"}},
			{Path: "/c", HasPrivate: true, Changed: day.AddDate(-2, 0, 0), Public: sshkeys.Public{Fingerprint: "five", Algorithm: "ED25519-SK"}},
			{Path: "/other", HasPrivate: true, Problem: sshkeys.ErrNotAKey},
		},
		Agent:  []sshkeys.Public{{Fingerprint: "three"}, {Fingerprint: "four", Algorithm: "DSA", Type: "ssh-dss", Comment: "old"}},
		Oldest: day.AddDate(-1, 0, 0), Idle: day.AddDate(0, -6, 0),
	})
	var lines []string
	for _, k := range got {
		line := fmt.Sprintf("%s %s %q", k.Fingerprint, k.Type, k.Comment)
		for _, s := range k.There {
			line += " on:" + s.Server.Name
		}
		for _, f := range k.Files {
			line += " " + f.Path
		}
		if !k.Since.IsZero() {
			line += fmt.Sprintf(" since:%d file=%v", k.Since.Year(), k.SinceFile)
		}
		lines = append(lines, fmt.Sprintf("%s agent=%v %v", line, k.InAgent, k.Concerns))
	}
	want := []string{
		`one ssh-ed25519 "laptop" on:nas on:vps /a /a.pub since:2023 file=false agent=false [readable_by_others no_passphrase old]`,
		`two ssh-rsa "phone" on:nas since:2026 file=false agent=false [only_on_server]`,
		`six  "tablet" on:nas since:2025 file=false agent=false [unused only_on_server]`,
		`seven  "desk" on:nas since:2025 file=false agent=false [only_on_server]`,
		`  "" /broken agent=false [unusable no_passphrase]`,
		`three  "ann@desk" /b agent=true [rsa_short]`,
		`five  "" /c since:2024 file=true agent=false [old]`,
		`  "" /other agent=false [unusable no_passphrase]`,
		`four ssh-dss "old" agent=true [dsa]`,
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}
