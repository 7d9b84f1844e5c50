package storetest

import (
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func totps() []test {
	return []test{
		{"save, replace and delete", saveTOTP},
		{"spend steps", spendTOTPStep},
		{"pending", pendingTOTP},
		{"recovery codes", recoveryCodes},
		{"unknown user", totpOfNobody},
	}
}

func codesLeft(t *testing.T, s store.Store, user identity.UserID, want int) {
	t.Helper()
	if got := try(s.RecoveryCodesLeft(t.Context(), user))(t); got != want {
		t.Errorf("%d recovery codes left, want %d", got, want)
	}
}

func enabled(t *testing.T, s store.Store, user identity.UserID, want bool) {
	t.Helper()
	if got := try(s.User(t.Context(), user))(t).TOTPEnabled; got != want {
		t.Errorf("TOTPEnabled = %v, want %v", got, want)
	}
	list, _ := tryPage(s.Users(t.Context(), identity.UserFilter{}, identity.Page{}))(t)
	for _, u := range list {
		if u.ID == user && u.TOTPEnabled != want {
			t.Errorf("listed TOTPEnabled = %v, want %v", u.TOTPEnabled, want)
		}
	}
}

func saveTOTP(t *testing.T, s store.Store) {
	u, other := newUser(t, s, "ann"), newUser(t, s, "bob")
	fill(t, s, other.ID, 1)
	_, err := s.TOTP(t.Context(), u.ID)
	is(t, "none yet", err, store.ErrNotFound)
	enabled(t, s, u.ID, false)
	must(t, s.DeleteTOTP(t.Context(), u.ID))

	want := identity.TOTP{User: u.ID, SealedSecret: []byte{0, 1, 0xFF, 0}, LastUsedStep: 1 << 40, EnabledAt: now()}
	for round := range 2 {
		want.SealedSecret[3]++
		must(t, s.SavePendingTOTP(t.Context(), identity.PendingTOTP{User: u.ID, SealedSecret: []byte("p")}))
		must(t, s.SaveTOTP(t.Context(), want, []store.RecoveryHash{{byte(round)}, {9}, {9}}))
		kept := want
		kept.EnabledAt = after(0)
		same(t, "kept", try(s.TOTP(t.Context(), u.ID))(t), kept)
		_, err = s.PendingTOTP(t.Context(), u.ID)
		is(t, "pending after it was confirmed", err, store.ErrNotFound)
		codesLeft(t, s, u.ID, 2)
		enabled(t, s, u.ID, true)
	}
	must(t, s.SavePendingTOTP(t.Context(), identity.PendingTOTP{User: u.ID, SealedSecret: []byte("p")}))
	must(t, s.DeleteTOTP(t.Context(), u.ID))
	_, err = s.TOTP(t.Context(), u.ID)
	is(t, "deleted", err, store.ErrNotFound)
	_, err = s.PendingTOTP(t.Context(), u.ID)
	is(t, "pending", err, store.ErrNotFound)
	codesLeft(t, s, u.ID, 0)
	enabled(t, s, u.ID, false)
	codesLeft(t, s, other.ID, 2)
	enabled(t, s, other.ID, true)
}

func spendTOTPStep(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	is(t, "no factor", s.SpendTOTPStep(t.Context(), u.ID, 5), store.ErrNotFound)
	must(t, s.SaveTOTP(t.Context(), identity.TOTP{User: u.ID, SealedSecret: []byte("s"), LastUsedStep: 10}, nil))
	for _, tc := range []struct {
		step int64
		want error
	}{{10, store.ErrExists}, {9, store.ErrExists}, {11, nil}, {11, store.ErrExists}, {13, nil}, {12, store.ErrExists}, {14, nil}} {
		is(t, "spend", s.SpendTOTPStep(t.Context(), u.ID, tc.step), tc.want)
	}
	if got := try(s.TOTP(t.Context(), u.ID))(t).LastUsedStep; got != 14 {
		t.Errorf("LastUsedStep = %d, want 14", got)
	}
}

func pendingTOTP(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	_, err := s.PendingTOTP(t.Context(), u.ID)
	is(t, "none", err, store.ErrNotFound)
	for _, d := range []time.Duration{0, time.Minute} {
		p := identity.PendingTOTP{User: u.ID, SealedSecret: []byte(d.String()), CreatedAt: now().Add(d)}
		must(t, s.SavePendingTOTP(t.Context(), p))
		p.CreatedAt = after(d)
		same(t, "kept", try(s.PendingTOTP(t.Context(), u.ID))(t), p)
	}
	enabled(t, s, u.ID, false)
}

func recoveryCodes(t *testing.T, s store.Store) {
	u, other := newUser(t, s, "ann"), newUser(t, s, "bob")
	must(t, s.SaveRecoveryCodes(t.Context(), other.ID, []store.RecoveryHash{{1}}))
	must(t, s.SaveRecoveryCodes(t.Context(), u.ID, []store.RecoveryHash{{1}, {2}, {3}}))
	must(t, s.SpendRecoveryCode(t.Context(), u.ID, store.RecoveryHash{2}))
	is(t, "spent twice", s.SpendRecoveryCode(t.Context(), u.ID, store.RecoveryHash{2}), store.ErrNotFound)
	is(t, "unknown", s.SpendRecoveryCode(t.Context(), u.ID, store.RecoveryHash{7}), store.ErrNotFound)
	codesLeft(t, s, u.ID, 2)
	must(t, s.SaveRecoveryCodes(t.Context(), u.ID, []store.RecoveryHash{{4}}))
	is(t, "of the old set", s.SpendRecoveryCode(t.Context(), u.ID, store.RecoveryHash{1}), store.ErrNotFound)
	must(t, s.SpendRecoveryCode(t.Context(), u.ID, store.RecoveryHash{4}))
	codesLeft(t, s, u.ID, 0)
	codesLeft(t, s, other.ID, 1)
}

func totpOfNobody(t *testing.T, s store.Store) {
	is(t, "save", s.SaveTOTP(t.Context(), identity.TOTP{User: 99, SealedSecret: []byte("s")}, nil), store.ErrNotFound)
	is(t, "pending", s.SavePendingTOTP(t.Context(), identity.PendingTOTP{User: 99, SealedSecret: []byte("s")}), store.ErrNotFound)
	is(t, "codes", s.SaveRecoveryCodes(t.Context(), 99, []store.RecoveryHash{{1}}), store.ErrNotFound)
	codesLeft(t, s, 99, 0)
	must(t, s.DeleteTOTP(t.Context(), 99))
}
