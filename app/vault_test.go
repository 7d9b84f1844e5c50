package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"latchkey/backend/companion"
	"latchkey/backend/companion/vault"
)

const testPassphrase = "four words of mine"

var (
	inKeyring = Protection{Method: "keyring"}
	byWords   = Protection{Method: "passphrase", Passphrase: testPassphrase}
)

// begunDesk is a desk on an empty data folder, as a person finds it at first.
func begunDesk(t testing.TB) *testDesk {
	t.Helper()
	d := newTestDesk(t)
	d.begin()
	<-d.opened
	return d
}

// vaultDesk is a desk without a server, whose vault is protected so. The
// recovery key is confirmed.
func vaultDesk(t testing.TB, by Protection) (d *testDesk, v *Vault, recovery string) {
	t.Helper()
	d = begunDesk(t)
	v = &Vault{d.desk}
	recovery, err := v.Create(by)
	checkProblem(t, "Create", err, "")
	checkProblem(t, "ConfirmRecovery", v.ConfirmRecovery(recovery), "")
	return d, v, recovery
}

// checkVault compares how the vault stands with what is wanted, and that the
// page was told the same.
func (d *testDesk) checkVault(t testing.TB, what string, want VaultStatus, problem string) {
	t.Helper()
	got := d.vaultStatus()
	told, _ := d.screen.last(eventVault).(VaultStatus)
	for _, s := range []VaultStatus{got, told} {
		code := ""
		if s.Problem != nil {
			code = s.Problem.Code
		}
		s.Problem = nil
		if s != want || code != problem {
			t.Errorf("%s: vault %+v, problem %q; want %+v, %q", what, s, code, want, problem)
		}
	}
}

func TestVaultFromFirstToLocked(t *testing.T) {
	for name, by := range map[string]Protection{"keyring": inKeyring, "passphrase": byWords} {
		t.Run(name, func(t *testing.T) {
			d := begunDesk(t)
			v := &Vault{d.desk}
			if got := d.vaultStatus(); got != (VaultStatus{State: stateNew}) {
				t.Errorf("at first: %+v", got)
			}
			recovery, err := v.Create(by)
			checkProblem(t, "Create", err, "")
			open := VaultStatus{State: stateUnlocked, Protection: name, OpenedBy: name}
			d.checkVault(t, "made", open, "vault_recovery_unconfirmed")

			checkProblem(t, "ConfirmRecovery, mistyped", v.ConfirmRecovery(recovery[:len(recovery)-1]), "vault_recovery_mistyped")
			d.checkVault(t, "not confirmed", open, "vault_recovery_unconfirmed")
			checkProblem(t, "ConfirmRecovery", v.ConfirmRecovery(" "+strings.ToLower(strings.ReplaceAll(recovery, "-", " "))), "")
			d.checkVault(t, "confirmed", open, "")

			_, err = v.Create(by)
			checkProblem(t, "Create again", err, "vault_exists")
			_, err = (&Shell{d.desk}).CopyText(Copy{Text: recovery, Secret: true})
			checkProblem(t, "CopyText", err, "")
			checkProblem(t, "Lock", v.Lock(), "")
			d.checkVault(t, "locked", VaultStatus{State: stateLocked, Protection: name}, "")
			if d.screen.clip != "" {
				t.Error("the clipboard still holds the recovery key")
			}

			_, err = v.Unlock(by)
			checkProblem(t, "Unlock", err, "")
			d.checkVault(t, "unlocked", open, "")
			checkProblem(t, "Lock", v.Lock(), "")
			_, err = v.Unlock(Protection{Method: "recovery", Passphrase: recovery})
			checkProblem(t, "Unlock by recovery key", err, "")
			d.checkVault(t, "recovered", VaultStatus{State: stateUnlocked, Protection: name, OpenedBy: "recovery"}, "")
		})
	}
}

func TestVaultRefusesKeys(t *testing.T) {
	d, v, recovery := vaultDesk(t, byWords)
	_, _, foreign := vaultDesk(t, inKeyring)
	checkProblem(t, "Lock", v.Lock(), "")
	for _, tc := range []struct {
		key  Protection
		want string
	}{
		{Protection{Method: "passphrase", Passphrase: "four words of yours"}, "vault_passphrase_wrong"},
		{Protection{Method: "passphrase"}, "vault_passphrase_empty"},
		{inKeyring, "vault_other_protection"},
		{Protection{Method: "recovery", Passphrase: "not one"}, "vault_recovery_mistyped"},
		{Protection{Method: "recovery", Passphrase: foreign}, "vault_recovery_wrong"},
		{Protection{Method: "biometrics", Passphrase: recovery}, "vault_no_protection"},
		{Protection{}, "vault_no_protection"},
	} {
		_, err := v.Unlock(tc.key)
		checkProblem(t, "Unlock by "+tc.key.Method, err, tc.want)
	}
	d.checkVault(t, "after that", VaultStatus{State: stateLocked, Protection: "passphrase"}, "")
}

// Nothing is left behind that would be in the way of trying again.
func TestVaultCreateFails(t *testing.T) {
	for name, tc := range map[string]struct {
		how  Protection
		ring error
		want string
	}{
		"keyring absent":       {inKeyring, vault.ErrKeyringAbsent, "vault_keyring_absent"},
		"keyring locked":       {inKeyring, vault.ErrKeyringLocked, "vault_keyring_locked"},
		"keyring silent":       {inKeyring, vault.ErrKeyringSilent, "vault_keyring_silent"},
		"keyring failing":      {inKeyring, vault.ErrKeyringFailing, "vault_keyring_failing"},
		"passphrase empty":     {Protection{Method: "passphrase"}, nil, "vault_passphrase_empty"},
		"passphrase short":     {Protection{Method: "passphrase", Passphrase: "seven77"}, nil, "vault_passphrase_short"},
		"passphrase long":      {Protection{Method: "passphrase", Passphrase: strings.Repeat("long", 257)}, nil, "vault_passphrase_long"},
		"passphrase of a file": {Protection{Method: "passphrase", Passphrase: "two lines\nof text"}, nil, "vault_passphrase_characters"},
		"by recovery key":      {Protection{Method: "recovery"}, nil, "vault_no_protection"},
		"by nothing":           {Protection{}, nil, "vault_no_protection"},
	} {
		t.Run(name, func(t *testing.T) {
			d := begunDesk(t)
			v := &Vault{d.desk}
			d.keyring.failing = tc.ring
			if tc.ring != nil {
				p, err := v.Probe()
				checkProblem(t, "Probe", err, "")
				if p == nil || p.Code != tc.want {
					t.Errorf("Probe = %+v; want %s", p, tc.want)
				}
			}
			key, err := v.Create(tc.how)
			checkProblem(t, "Create", err, tc.want)
			if key != "" {
				t.Error("there is a recovery key to no vault")
			}
			if got := d.vaultStatus(); got != (VaultStatus{State: stateNew}) {
				t.Errorf("afterwards: %+v", got)
			}
			d.keyring.failing = nil
			_, err = v.Create(inKeyring)
			checkProblem(t, "Create again", err, "")
		})
	}
}

func TestProbe(t *testing.T) {
	d := newTestDesk(t)
	p, err := (&Vault{d.desk}).Probe()
	if p != nil || err != nil {
		t.Errorf("Probe = %+v, %v", p, err)
	}
	if len(d.keyring.entries) != 0 {
		t.Error("the probe is still in the keyring")
	}
}

// What the keyring did to the vault while the program was not running.
func TestVaultAtStart(t *testing.T) {
	for name, tc := range map[string]struct {
		fault   func(*fakeKeyring)
		state   string
		problem string
	}{
		"in order": {func(*fakeKeyring) {}, stateUnlocked, ""},
		"absent":   {func(k *fakeKeyring) { k.failing = vault.ErrKeyringAbsent }, stateLocked, "vault_keyring_absent"},
		"locked":   {func(k *fakeKeyring) { k.failing = vault.ErrKeyringLocked }, stateLocked, "vault_keyring_locked"},
		"emptied":  {func(k *fakeKeyring) { clear(k.entries) }, stateLocked, "vault_keyring_missing"},
		"another": {func(k *fakeKeyring) {
			for entry := range k.entries {
				k.entries[entry] = companion.NewSecret("AAAA")
			}
		}, stateLocked, "vault_key_mismatch"},
	} {
		t.Run(name, func(t *testing.T) {
			before, _, recovery := vaultDesk(t, inKeyring)
			d := openTestDesk(t, before.data)
			d.keyring.entries = before.keyring.entries
			tc.fault(d.keyring)
			d.begin()
			<-d.opened
			want := VaultStatus{State: tc.state, Protection: "keyring"}
			if tc.state == stateUnlocked {
				want.OpenedBy = "keyring"
			}
			d.checkVault(t, "started", want, tc.problem)
			if tc.problem == "" {
				return
			}
			v := &Vault{d.desk}
			_, err := v.Unlock(inKeyring)
			checkProblem(t, "Unlock", err, tc.problem)
			_, err = v.Unlock(Protection{Method: "recovery", Passphrase: recovery})
			checkProblem(t, "Unlock by recovery key", err, "")
			d.checkVault(t, "recovered", VaultStatus{State: stateUnlocked, Protection: "keyring", OpenedBy: "recovery"}, "")

			d.keyring.failing = nil
			checkProblem(t, "Move to the keyring again", v.Move(inKeyring), "")
			checkProblem(t, "Lock", v.Lock(), "")
			_, err = v.Unlock(inKeyring)
			checkProblem(t, "Unlock by the new entry", err, "")
		})
	}
}

// While the keyring hangs, the page is told that it is being asked, and can do
// other things.
func TestKeyringHangsAtStart(t *testing.T) {
	before, _, _ := vaultDesk(t, inKeyring)
	d := openTestDesk(t, before.data)
	d.keyring.entries = before.keyring.entries
	d.keyring.hanging = make(chan struct{})
	let := sync.OnceFunc(func() { close(d.keyring.hanging) })
	t.Cleanup(let)
	d.begin()
	st, err := (&Vault{d.desk}).Status()
	checkProblem(t, "Status", err, "")
	if want := (VaultStatus{State: stateOpening, Protection: "keyring"}); st != want {
		t.Errorf("Status = %+v; want %+v", st, want)
	}
	let()
	<-d.opened
	d.checkVault(t, "let go", VaultStatus{State: stateUnlocked, Protection: "keyring", OpenedBy: "keyring"}, "")
}

func TestVaultMoves(t *testing.T) {
	d, v, recovery := vaultDesk(t, inKeyring)
	checkProblem(t, "Move to a short passphrase", v.Move(Protection{Method: "passphrase", Passphrase: "short"}), "vault_passphrase_short")
	checkProblem(t, "Move to a passphrase", v.Move(byWords), "")
	d.checkVault(t, "moved", VaultStatus{State: stateUnlocked, Protection: "passphrase", OpenedBy: "passphrase"}, "")
	if len(d.keyring.entries) != 0 {
		t.Error("the keyring still has the key")
	}
	checkProblem(t, "Move to another passphrase", v.Move(Protection{Method: "passphrase", Passphrase: "other words of mine"}), "vault_same_protection")

	checkProblem(t, "ChangePassphrase", v.ChangePassphrase(PassphraseChange{Current: "wrong words", Next: "other words of mine"}), "vault_passphrase_wrong")
	checkProblem(t, "ChangePassphrase", v.ChangePassphrase(PassphraseChange{Current: testPassphrase, Next: "short"}), "vault_passphrase_short")
	checkProblem(t, "ChangePassphrase", v.ChangePassphrase(PassphraseChange{Current: testPassphrase, Next: "other words of mine"}), "")
	d.checkVault(t, "changed", VaultStatus{State: stateUnlocked, Protection: "passphrase", OpenedBy: "passphrase"}, "")
	checkProblem(t, "Lock", v.Lock(), "")
	_, err := v.Unlock(byWords)
	checkProblem(t, "Unlock by the old passphrase", err, "vault_passphrase_wrong")
	_, err = v.Unlock(Protection{Method: "passphrase", Passphrase: "other words of mine"})
	checkProblem(t, "Unlock by the new one", err, "")

	d.keyring.failing = vault.ErrKeyringLocked
	checkProblem(t, "Move to a locked keyring", v.Move(inKeyring), "vault_keyring_locked")
	d.checkVault(t, "not moved", VaultStatus{State: stateUnlocked, Protection: "passphrase", OpenedBy: "passphrase"}, "")
	d.keyring.failing = nil
	checkProblem(t, "Move back", v.Move(inKeyring), "")
	checkProblem(t, "the recovery key is the same", v.ConfirmRecovery(recovery), "")
	checkProblem(t, "Lock", v.Lock(), "")
	checkProblem(t, "Move a locked one", v.Move(byWords), "vault_locked")
}

func TestNewRecoveryKey(t *testing.T) {
	d, v, old := vaultDesk(t, byWords)
	_, err := v.NewRecoveryKey(Protection{Method: "passphrase", Passphrase: "four words of yours"})
	checkProblem(t, "by a wrong passphrase", err, "vault_passphrase_wrong")
	open := VaultStatus{State: stateUnlocked, Protection: "passphrase", OpenedBy: "passphrase"}
	d.checkVault(t, "as before", open, "")

	key, err := v.NewRecoveryKey(byWords)
	checkProblem(t, "NewRecoveryKey", err, "")
	d.checkVault(t, "made", open, "vault_recovery_unconfirmed")
	checkProblem(t, "the old one", v.ConfirmRecovery(old), "vault_recovery_wrong")
	checkProblem(t, "the new one", v.ConfirmRecovery(key), "")
	d.checkVault(t, "confirmed", open, "")
}

func TestSaveRecovery(t *testing.T) {
	d, v, key := vaultDesk(t, inKeyring)
	for _, tc := range []struct{ language, name, says string }{
		{"en", "Latchkey recovery key ", "the passphrase is forgotten"},
		{"zh-CN", "Latchkey 恢复密钥 ", "忘记密码短语"},
	} {
		checkProblem(t, "Speak", (&Shell{d.desk}).Speak(tc.language), "")
		d.screen.answer = filepath.Join(t.TempDir(), "key.txt")
		path, err := v.SaveRecovery(key)
		checkProblem(t, "SaveRecovery", err, "")
		if path != d.screen.answer {
			t.Errorf("path %q; want %q", path, d.screen.answer)
		}
		if asked := d.screen.dialogs[len(d.screen.dialogs)-1]; !strings.HasPrefix(asked.Name, tc.name) || !strings.HasSuffix(asked.Name, ".txt") {
			t.Errorf("the dialog suggests %q", asked.Name)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{key, tc.says, hostname()} {
			if !strings.Contains(string(text), want) {
				t.Errorf("the file does not say %q:\n%s", want, text)
			}
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
		}
	}
}

func TestSaveRecoveryFails(t *testing.T) {
	d, v, key := vaultDesk(t, inKeyring)
	path, err := v.SaveRecovery(key)
	checkProblem(t, "cancelled", err, "")
	if path != "" {
		t.Errorf("cancelled: path %q", path)
	}
	_, err = v.SaveRecovery("some text")
	checkProblem(t, "not a key", err, "vault_recovery_mistyped")
	_, _, foreign := vaultDesk(t, inKeyring)
	_, err = v.SaveRecovery(foreign)
	checkProblem(t, "another vault's", err, "vault_recovery_wrong")
	d.screen.failing = errors.New("no portal")
	_, err = v.SaveRecovery(key)
	checkProblem(t, "no dialog", err, "app_failed")
	d.screen.failing, d.screen.answer = nil, filepath.Join(t.TempDir(), "gone", "key.txt")
	if path, err = v.SaveRecovery(key); err == nil || path != "" {
		t.Errorf("into no folder: %q, %v", path, err)
	}
}

func TestFileOfRecoveryKey(t *testing.T) {
	for _, tc := range []struct{ computer, want string }{
		{"desk", "Latchkey recovery key desk.txt"},
		{"", "Latchkey recovery key.txt"},
		{"../a:b", "Latchkey recovery key ---a-b.txt"},
		{"书房", "Latchkey recovery key 书房.txt"},
	} {
		if got := recoveryNote("en").file(tc.computer); got != tc.want {
			t.Errorf("file of %q = %q; want %q", tc.computer, got, tc.want)
		}
	}
}

func TestDamagedVault(t *testing.T) {
	d, v, recovery := vaultDesk(t, byWords)
	checkProblem(t, "Lock", v.Lock(), "")
	_, err := v.RestorePrevious()
	checkProblem(t, "RestorePrevious of a whole one", err, "vault_whole")

	file := filepath.Join(d.data, "vault.db")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	damaged := append([]byte{}, content...)
	damaged[len(damaged)/2] ^= 1
	if err := os.WriteFile(file, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	st, err := v.Status()
	checkProblem(t, "Status", err, "")
	if st.State != stateUnusable || st.Problem == nil || st.Problem.Code != "vault_damaged" {
		t.Errorf("damaged: %+v", st)
	}
	_, err = v.Create(byWords)
	checkProblem(t, "Create over it", err, "vault_damaged")

	st, err = v.RestorePrevious()
	checkProblem(t, "RestorePrevious", err, "")
	if want := (VaultStatus{State: stateLocked, Protection: "passphrase"}); st != want {
		t.Errorf("restored: %+v; want %+v", st, want)
	}
	_, err = v.Unlock(Protection{Method: "recovery", Passphrase: recovery})
	checkProblem(t, "Unlock", err, "")

	names, err := v.SetAside()
	checkProblem(t, "SetAside", err, "")
	if names == "" || strings.ContainsAny(names, `/\`) {
		t.Errorf("set aside as %q; want names", names)
	}
	for name := range strings.SplitSeq(names, ", ") {
		if _, err := os.Stat(filepath.Join(d.data, name)); err != nil {
			t.Errorf("set aside: %v", err)
		}
	}
	d.checkVault(t, "set aside", VaultStatus{State: stateNew}, "")
	_, err = v.SetAside()
	checkProblem(t, "SetAside of none", err, "vault_new")
	_, err = v.Create(inKeyring)
	checkProblem(t, "Create anew", err, "")
	d.checkVault(t, "made anew", VaultStatus{State: stateUnlocked, Protection: "keyring", OpenedBy: "keyring"}, "vault_recovery_unconfirmed")
}

func TestStrength(t *testing.T) {
	d := newTestDesk(t)
	v := &Vault{d.desk}
	for _, tc := range []struct {
		text string
		want Strength
	}{
		{"", Strength{Level: 0, Weakness: "short"}},
		{"password", Strength{Level: 0, Weakness: "common"}},
		{"9fK#x2!mQz7@Lp&Tv5", Strength{Level: 4}},
	} {
		got, err := v.Strength(tc.text)
		checkProblem(t, "Strength", err, "")
		if got != tc.want {
			t.Errorf("Strength(%q) = %+v; want %+v", tc.text, got, tc.want)
		}
	}
}

// Another program changes what opens the vault, so this one locks itself at the
// next call, whichever that is. The page must hear of it.
func TestVaultLocksItself(t *testing.T) {
	d, _, _ := vaultDesk(t, byWords)
	path := filepath.Join(d.data, companion.VaultFile)
	other, err := vault.Open(path, vault.Options{Env: d.env, Keyring: d.keyring})
	checkProblem(t, "Open elsewhere", err, "")
	words := companion.NewSecret(testPassphrase)
	checkProblem(t, "Unlock elsewhere", other.Unlock(t.Context(), vault.WithPassphrase(words)), "")
	checkProblem(t, "Change elsewhere",
		other.ChangePassphrase(t.Context(), vault.WithPassphrase(words), companion.NewSecret("four other words of mine")), "")
	other.Lock()

	_, err = d.companion.Vault.Get(t.Context(), "tokens", "nas")
	checkProblem(t, "a call", err, "vault_changed")
	until(t, "the page is told", func() bool {
		told, _ := d.screen.last(eventVault).(VaultStatus)
		return told.State == stateLocked && told.Problem != nil && told.Problem.Code == "vault_changed"
	})
	if d.watching() {
		t.Error("the servers are still looked at")
	}
}
