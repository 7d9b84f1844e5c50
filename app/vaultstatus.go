package app

import (
	"latchkey/backend/companion/vault"
)

// A VaultStatus is how the vault stands, as the page sees it.
type VaultStatus struct {
	State      string   `json:"state"`
	Protection string   `json:"protection"` // "keyring" or "passphrase"; empty if it cannot be told
	OpenedBy   string   `json:"openedBy"`   // or "recovery"
	Problem    *Problem `json:"problem"`
}

// The states of the vault that the page knows.
const (
	stateNew      = "new"
	stateOpening  = "opening" // the keyring is being asked
	stateLocked   = "locked"
	stateUnlocked = "unlocked"
	stateUnusable = "unusable"
)

// vaultStatus tells how the vault stands.
func (d *desk) vaultStatus() VaultStatus {
	st, err := d.companion.Vault.Status(d.ctx)
	if err != nil {
		return VaultStatus{State: stateUnusable, Problem: asProblem(err)}
	}
	out := VaultStatus{State: stateOf(st.State), Protection: methodOf(st.Protection), OpenedBy: methodOf(st.OpenedBy), Problem: problemOf(st.Problem)}
	if st.State == vault.Unlocked {
		out.Problem = asProblem(d.unconfirmed())
	}
	if st.State != vault.Locked {
		return out
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.opening && st.Protection == vault.ByKeyring {
		out.State = stateOpening
	}
	if out.Problem == nil {
		out.Problem = asProblem(d.refused)
	}
	return out
}

func stateOf(s vault.State) string {
	switch s {
	case vault.New:
		return stateNew
	case vault.Locked:
		return stateLocked
	case vault.Unlocked:
		return stateUnlocked
	case vault.Unusable:
	}
	return stateUnusable
}

func methodOf(m vault.Method) string {
	switch m {
	case vault.ByKeyring:
		return "keyring"
	case vault.ByPassphrase:
		return "passphrase"
	case vault.ByRecovery:
		return "recovery"
	}
	return ""
}
