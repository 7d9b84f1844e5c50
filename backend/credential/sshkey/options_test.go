package sshkey_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/backend/credential/sshkey"
	"latchkey/backend/identity"
)

func TestParseReadsOptions(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*60*60)
	key := line("ssh-ed25519", make([]byte, 32))
	plain, _, err := sshkey.Parse(key, zone)
	if err != nil {
		t.Fatal(err)
	}
	for options, want := range map[string]identity.KeyRules{
		"restrict": {},
		"restrict,no-pty,no-port-forwarding,no-agent-forwarding,no-X11-forwarding,no-user-rc": {},
		`expiry-time="20301231"`:                    {ExpiresAt: time.Date(2030, 12, 31, 0, 0, 0, 0, zone)},
		`expiry-time="203012312359"`:                {ExpiresAt: time.Date(2030, 12, 31, 23, 59, 0, 0, zone)},
		`expiry-time="20301231235958"`:              {ExpiresAt: time.Date(2030, 12, 31, 23, 59, 58, 0, zone)},
		`EXPIRY-TIME="203012312359Z"`:               {ExpiresAt: time.Date(2030, 12, 31, 23, 59, 0, 0, time.UTC)},
		`from="10.0.0.0/8,!10.1.2.3"`:               {From: "10.0.0.0/8,!10.1.2.3"},
		`from="10.0.0.1, 10.0.0.2",restrict`:        {From: "10.0.0.1,10.0.0.2"},
		`restrict,from="*",expiry-time="20301231Z"`: {From: "*", ExpiresAt: time.Date(2030, 12, 31, 0, 0, 0, 0, time.UTC)},
	} {
		k, comment, err := sshkey.Parse(options+" \t"+key+" ann@laptop", zone)
		if err != nil || comment != "ann@laptop" || !k.Rules.ExpiresAt.Equal(want.ExpiresAt) || k.Rules.From != want.From {
			t.Errorf("%s: %+v, %q, %v, want %+v", options, k.Rules, comment, err, want)
		}
		if k.AuthorizedKey != plain.AuthorizedKey || k.Fingerprint != plain.Fingerprint {
			t.Errorf("%s: another key: %+v", options, k)
		}
	}
}

func TestParseRefusesOptions(t *testing.T) {
	key := line("ssh-ed25519", make([]byte, 32))
	for options, code := range map[string]string{
		`command="rm -rf ~"`:               "ssh_key_option_unknown",
		`command="internal-sftp",restrict`: "ssh_key_option_unknown",
		"cert-authority":                   "ssh_key_option_unknown",
		`environment="A=B"`:                "ssh_key_option_unknown",
		`permitopen="h:1"`:                 "ssh_key_option_unknown",
		"pty":                              "ssh_key_option_unknown",
		`restrict="x"`:                     "ssh_key_option_unknown",
		"from":                             "ssh_key_option_unknown",
		"nas":                              "ssh_key_option_unknown",
		"verify-required":                  "ssh_key_option_unknown",
		"192.168.1.7":                      "ssh_key_options",
		"@cert-authority *.example.com":    "ssh_key_options",
		"from=10.0.0.1":                    "ssh_key_options",
		`from="10.0.0.1`:                   "ssh_key_options",
		`from="10.0.0.1""`:                 "ssh_key_options",
		`from="10.0.0.1"x`:                 "ssh_key_options",
		"restrict,":                        "ssh_key_options",
		",restrict":                        "ssh_key_options",
		"restrict,restrict":                "ssh_key_option_twice",
		`from="10.0.0.1",FROM="10.0.0.2"`:  "ssh_key_option_twice",
		`from=""`:                          "ssh_key_from_invalid",
		`from="10.0.0.1/8"`:                "ssh_key_from_invalid",
		`from="\"10.0.0.1"`:                "ssh_key_from_invalid",
		`from="*.example.com"`:             "ssh_key_from_host",
		`expiry-time=""`:                   "ssh_key_expiry_invalid",
		`expiry-time="20301331"`:           "ssh_key_expiry_invalid",
		`expiry-time="2030123"`:            "ssh_key_expiry_invalid",
		`expiry-time="20301231Z0"`:         "ssh_key_expiry_invalid",
		`expiry-time="2030-12-31"`:         "ssh_key_expiry_invalid",
	} {
		k, comment, err := sshkey.Parse(options+" "+key, time.UTC)
		wantCode(t, err, code)
		if k != (identity.SSHKey{}) || comment != "" {
			t.Errorf("%s: returned %+v, %q with the error", options, k, comment)
		}
	}
	_, _, err := sshkey.Parse(`command="secret words" `+key, time.UTC)
	if e := identity.AsError(err); !strings.Contains(e.Message, `"command"`) || strings.Contains(e.Message, "secret") {
		t.Errorf("the message is %q", e.Message)
	}
}

// What options make of a line is never more than the line without them.
func FuzzParseOptions(f *testing.F) {
	for _, options := range []string{`expiry-time="203012312359Z"`, `from="10.0.0.0/8,!10.1.2.3",restrict`, `command="a \"b\" c"`, ",", `"`} {
		f.Add(options)
	}
	key := line("ssh-ed25519", make([]byte, 32))
	plain, _, err := sshkey.Parse(key, time.UTC)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, options string) {
		k, _, err := sshkey.Parse(options+" "+key, time.UTC)
		if err != nil {
			if identity.KindOf(err) != identity.Invalid || k != (identity.SSHKey{}) {
				t.Errorf("%q: %+v, %v", options, k, err)
			}
			return
		}
		if strings.Contains(strings.ToLower(options), "from=") && k.Rules.From == "" && !strings.ContainsAny(options, "#\n\r") {
			t.Errorf("%q: taken from anywhere", options)
		}
		if k.Fingerprint != plain.Fingerprint {
			t.Errorf("%q: another key", options)
		}
	})
}
