package sftpserver

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/credential/password"
	"latchkey/backend/files"
	"latchkey/backend/identity"
	"latchkey/backend/login"
)

// door is the name of this way in, for counters and the audit log.
const door = "sftp"

var (
	errNoSFTP = identity.NewError(identity.PermissionDenied, "sftp_not_allowed",
		"This account may not use SFTP; an administrator can allow it through a role.")
	errCertificate = errors.New("certificates are not accepted")
	errEmpty       = errors.New("empty password")
)

// A proof says who a connection belongs to and how that was shown. It travels
// in the Permissions of the method that succeeded and nowhere else.
type proof struct {
	who     identity.Principal
	key     identity.SSHKey // zero when it was a password
	refused error           // a reason that only the holder of the key may learn
}

type proofKey struct{}

func (p proof) permissions() *ssh.Permissions {
	return &ssh.Permissions{ExtraData: map[any]any{proofKey{}: p}}
}

func proofOf(perms *ssh.Permissions) (proof, bool) {
	if perms == nil {
		return proof{}, false
	}
	p, ok := perms.ExtraData[proofKey{}].(proof)
	return p, ok
}

// A doorman answers the sign-in of one connection. It remembers nothing
// between two requests of the client.
type doorman struct {
	login Login
	log   *slog.Logger
	ctx   context.Context // ends with the handshake
	from  netip.Addr
}

// version is what the server says that it is (RFC 4253, section 4.2).
const version = "SSH-2.0-Latchkey"

// config is for a client that knows AES-GCM or does not.
func (d doorman) config(c Config, gcm bool) *ssh.ServerConfig {
	conf := &ssh.ServerConfig{
		Config:                      algorithms(gcm),
		PublicKeyAuthAlgorithms:     clientKeys(),
		MaxAuthTries:                c.Limits.AuthTries,
		ServerVersion:               version,
		PublicKeyCallback:           d.offered,
		VerifiedPublicKeyCallback:   d.signed,
		PasswordCallback:            d.password,
		KeyboardInteractiveCallback: d.prompts,
	}
	for _, key := range c.HostKeys.all() {
		conf.AddHostKey(key)
	}
	return conf
}

// offered says whether a key could open the account. The client has not shown
// that it holds the key, so nothing is recorded and nothing is told but yes or
// no.
func (d doorman) offered(meta ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	if _, ok := key.(*ssh.Certificate); ok {
		return nil, errCertificate
	}
	who, known, err := d.login.CheckSSHKey(d.ctx, meta.User(), identity.Fingerprint(ssh.FingerprintSHA256(key)), d.from)
	if kind := identity.KindOf(err); err != nil && (kind == identity.PasswordChangeRequired || kind == identity.PermissionDenied) {
		return proof{refused: err}.permissions(), nil
	}
	if err != nil {
		return nil, d.refuse(err)
	}
	return proof{who: who, key: known}.permissions(), nil
}

// signed is called when the client has signed with the key that perms are for.
func (d doorman) signed(_ ssh.ConnMetadata, _ ssh.PublicKey, perms *ssh.Permissions, _ string) (*ssh.Permissions, error) {
	p, _ := proofOf(perms)
	if p.refused != nil {
		return nil, d.refuse(p.refused)
	}
	return d.admit(p)
}

// password checks a password that came without being asked for. Where a code
// is missing it is only half the way, and the prompt for the code is the other.
func (d doorman) password(meta ssh.ConnMetadata, typed []byte) (*ssh.Permissions, error) {
	digest, err := digestOf(string(typed))
	if err != nil {
		return nil, err
	}
	who, err := d.check(meta, digest, "")
	if identity.KindOf(err) == identity.FactorRequired {
		return nil, &ssh.PartialSuccessError{Next: ssh.ServerAuthCallbacks{
			KeyboardInteractiveCallback: func(meta ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
				return d.code(meta, ask, digest)
			},
		}}
	}
	return d.passed(who, err)
}

// prompts asks for the password and, where there is one, for the code
// (RFC 4256).
func (d doorman) prompts(meta ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
	typed, err := askOne(ask, "Password: ")
	if err != nil {
		return nil, err
	}
	digest, err := digestOf(typed)
	if err != nil {
		return nil, err
	}
	who, err := d.check(meta, digest, "")
	if identity.KindOf(err) == identity.FactorRequired {
		return d.code(meta, ask, digest)
	}
	return d.passed(who, err)
}

// code asks for a code of the second factor, or a recovery code.
func (d doorman) code(meta ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge, digest password.Digest) (*ssh.Permissions, error) {
	code, err := askOne(ask, "Code from your app, or a recovery code: ")
	if err != nil {
		return nil, err
	}
	return d.passed(d.check(meta, digest, code))
}

func askOne(ask ssh.KeyboardInteractiveChallenge, prompt string) (string, error) {
	answers, err := ask("", "", []string{prompt}, []bool{false})
	if err != nil {
		return "", err
	}
	return answers[0], nil
}

// digestOf refuses what can be no password, so that no account without one is
// ever opened by nothing.
func digestOf(typed string) (password.Digest, error) {
	switch {
	case typed == "":
		return password.Digest{}, errEmpty
	case len(typed) > password.MaxBytes:
		return password.Digest{}, errors.New("password too long")
	}
	return password.DigestOf(typed), nil
}

func (d doorman) check(meta ssh.ConnMetadata, digest password.Digest, code string) (identity.Principal, error) {
	return d.login.CheckPassword(d.ctx, login.Attempt{
		Username: meta.User(), Password: digest, Code: code, Address: d.from, Door: door,
	})
}

func (d doorman) passed(who identity.Principal, err error) (*ssh.Permissions, error) {
	if err != nil {
		return nil, d.refuse(err)
	}
	return d.admit(proof{who: who})
}

// admit is the last question: may this person use SFTP at all?
func (d doorman) admit(p proof) (*ssh.Permissions, error) {
	if !p.mayEnter(p.who) {
		return nil, d.refuse(errNoSFTP)
	}
	return p.permissions(), nil
}

// base is where the files begin that somebody is shown: at their base path, or
// at the folder of the key below it.
func (p proof) base(who identity.Principal) files.Path {
	return files.Path(p.key.Rules.Folder).Below(files.Path(who.User.BasePath))
}

// mayEnter reports whether somebody, as they are now, may sign in over SFTP.
func (p proof) mayEnter(who identity.Principal) bool {
	base, err := files.ParsePath(who.User.BasePath)
	return err == nil && string(base) == who.User.BasePath && !who.IsGuest() && !who.User.Disabled && !who.User.MustChangePassword &&
		who.PathPermission(string(p.base(who))).Has(identity.PathSFTPRead)
}

// refuse logs what is a fault of ours, and adds the sentence for the person
// where it helps them and gives nothing away.
func (d doorman) refuse(err error) error {
	e := identity.AsError(err)
	switch e.Kind {
	case identity.Internal:
		d.log.ErrorContext(d.ctx, "SFTP sign-in failed", slog.Any("err", err))
		return err
	case identity.PermissionDenied, identity.Throttled, identity.FactorRequired,
		identity.PasswordChangeRequired, identity.Unavailable:
		return &ssh.BannerError{Err: err, Message: e.Message + "\r\n"}
	case identity.Unauthenticated, identity.Invalid, identity.NotFound, identity.Conflict, identity.CaptchaRequired:
		return err
	}
	return err
}
