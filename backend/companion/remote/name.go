package remote

import "latchkey/backend/identity"

var errAccountLocked = identity.NewError(identity.Throttled, "account_locked",
	"This account is locked after too many failed sign-ins. Whoever runs the server can unlock it.")

// byName translates the names that Latchkey gives to refusals. A name chooses
// among the errors here and does no more: a server cannot make up an error that
// this program would take for one of its own. Unknown names mean nothing.
func (r *RefusalError) byName() *identity.Error {
	switch r.Name {
	case "credentials_wrong":
		return errCredentials
	case "code_needed":
		return errCodeNeeded
	case "code_wrong":
		return errCodeWrong
	case "too_many_attempts":
		return errThrottled
	case "account_locked":
		return errAccountLocked
	case "busy":
		return errBusy
	case "password_change_required":
		return errChangePassword
	case "permission_denied":
		return errDenied
	case "session_not_found", "session_id_invalid":
		return errNoDevice
	}
	for _, named := range []func(*RefusalError) *identity.Error{tokenNamed, keyNamed, devKeyNamed, factorNamed, profileNamed, fileNamed} {
		if e := named(r); e != nil {
			return e
		}
	}
	return nil
}

func tokenNamed(r *RefusalError) *identity.Error {
	switch r.Name {
	case "token_invalid":
		return errTokenRefused
	case "token_expired":
		return errTokenExpired
	case "session_ended":
		return errSessionEnded
	case "password_changed":
		return errPasswordChanged
	case "user_disabled":
		return errUserDisabled
	case "user_gone":
		return errUserGone
	case "guest_disabled", "sign_in_required":
		return errTokenIgnored
	}
	return nil
}

func keyNamed(r *RefusalError) *identity.Error {
	switch r.Name {
	case "ssh_key_not_found":
		return ErrNoKey
	case "ssh_key_title_taken":
		return errTitleTaken
	case "ssh_key_title_invalid":
		return errNoTitle
	case "ssh_key_exists":
		return errKeyKnown
	case "ssh_key_limit":
		return errKeyLimit
	case "ssh_key_expired":
		return errKeyOver
	case "ssh_key_from_invalid", "ssh_key_from_host":
		return errKeyFrom
	case "ssh_key_folder_invalid":
		return errKeyFolder
	case "ssh_key_invalid", "ssh_key_mismatch", "ssh_key_characters", "ssh_key_options":
		return errKeyInvalid
	case "ssh_key_certificate", "ssh_key_dsa", "ssh_key_rsa_short", "ssh_key_rsa_long", "ssh_key_kind":
		return identity.InvalidField("key", r.Name, errKeyRefused.Message)
	}
	return nil
}

func devKeyNamed(r *RefusalError) *identity.Error {
	switch r.Name {
	case "api_key_name_invalid":
		return errDevKeyName
	case "api_key_life_invalid":
		return errDevKeyLife
	case "overlap_invalid":
		return errDevKeyOverlap
	case "api_key_limit":
		return errDevKeyLimit
	case "api_key_ended":
		return errDevKeyEnded
	case "api_key_not_found":
		return ErrNoDevKey
	}
	return nil
}

func factorNamed(r *RefusalError) *identity.Error {
	switch r.Name {
	case "proof_needed":
		return errProofNeeded
	case "totp_not_started", "totp_secret_invalid":
		return errNotStarted
	case "totp_off":
		return errFactorOff
	}
	return nil
}

func profileNamed(r *RefusalError) *identity.Error {
	switch r.Name {
	case "password_too_short":
		return tooShort(r.Said)
	case "password_too_long":
		return errPasswordLong
	case "password_common":
		return errCommon
	case "password_is_username":
		return errIsUsername
	case "password_unchanged":
		return errSamePassword
	case "username_missing", "username_empty":
		return errNoUsername
	case "username_too_long":
		return errNameLong
	case "username_character":
		return errNameLetters
	case "username_taken":
		return errNameTaken
	}
	return nil
}
