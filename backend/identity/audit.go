package identity

import (
	"net/netip"
	"time"
)

// An AuditAction names something that happened and matters for security.
type AuditAction string

// The actions.
const (
	AuditSignIn          AuditAction = "sign_in"
	AuditSignOut         AuditAction = "sign_out"
	AuditLocked          AuditAction = "locked"
	AuditUnlocked        AuditAction = "unlocked"
	AuditSessionEnded    AuditAction = "session_ended"
	AuditPasswordChanged AuditAction = "password_changed"
	AuditTOTPEnabled     AuditAction = "totp_enabled"
	AuditTOTPDisabled    AuditAction = "totp_disabled"
	AuditRecoveryCodes   AuditAction = "recovery_codes_made"
	AuditSSHKeyAdded     AuditAction = "ssh_key_added"
	AuditSSHKeyLimited   AuditAction = "ssh_key_limited"
	AuditSSHKeyDeleted   AuditAction = "ssh_key_deleted"
	AuditUserCreated     AuditAction = "user_created"
	AuditUserUpdated     AuditAction = "user_updated"
	AuditUserDeleted     AuditAction = "user_deleted"
	AuditRoleCreated     AuditAction = "role_created"
	AuditRoleUpdated     AuditAction = "role_updated"
	AuditRoleDeleted     AuditAction = "role_deleted"
	AuditKeysRotated     AuditAction = "signing_key_rotated"
	AuditTokenReused     AuditAction = "refresh_token_reused"
	AuditPasswordReset   AuditAction = "password_reset"
	AuditAPIKeyCreated   AuditAction = "api_key_created"
	AuditAPIKeyDisabled  AuditAction = "api_key_disabled"
	AuditAPIKeyEnabled   AuditAction = "api_key_enabled"
	AuditAPIKeyDeleted   AuditAction = "api_key_deleted"
	AuditAPIKeyReplaced  AuditAction = "api_key_replaced"
	AuditPermissionMade  AuditAction = "permission_created"
	AuditFolderProtected AuditAction = "folder_password_set"
	AuditFolderOpened    AuditAction = "folder_password_cleared"
	AuditFolderRefused   AuditAction = "folder_password_tried"
)

// An AuditOutcome says whether the action was done or refused.
type AuditOutcome string

// The outcomes.
const (
	AuditDone    AuditOutcome = "done"
	AuditRefused AuditOutcome = "refused"
)

// An AuditEvent records who did what to whom, from where, by which door, and
// how it ended. It never holds a secret.
type AuditEvent struct {
	ID      int64 // grows with time
	At      time.Time
	Actor   UserID // 0: nobody signed in, or the command line
	Action  AuditAction
	Target  string // such as a user name, a session id or a fingerprint
	Door    string // such as "alist", "sftp" or "cli"
	Address netip.Addr
	Outcome AuditOutcome
	Reason  string // the error code of a refusal, or a word of detail
}

// An Origin says who asks for something and by which way in, for the record,
// and what they may give to others.
type Origin struct {
	Actor   UserID // 0: the command line on the server's own machine, or nobody signed in
	Rights  Rights
	Door    string
	Address netip.Addr
}

// Event starts the record of an action that was done.
func (o Origin) Event(action AuditAction, target string) AuditEvent {
	return AuditEvent{
		Actor: o.Actor, Action: action, Target: target, Door: o.Door, Address: o.Address, Outcome: AuditDone,
	}
}
