package sftpserver

import (
	"errors"
	"io"
	"log/slog"

	"github.com/pkg/sftp"

	"latchkey/backend/identity"
)

var (
	errFailed      = identity.NewError(identity.Internal, "internal", "Something went wrong on the server.")
	errOwner       = identity.NewError(identity.PermissionDenied, "owner_fixed", "Owners cannot be changed.")
	errHandles     = identity.NewError(identity.Unavailable, "too_many_handles", "Too many files are open; close some first.")
	errUnsupported = refusal{"This server does not do that.", sftp.ErrSSHFxOpUnsupported}
	errBadMessage  = refusal{"The request makes no sense.", sftp.ErrSSHFxBadMessage}
)

// A refusal is a status code with a sentence; pkg/sftp sends both.
type refusal struct {
	text string
	code error
}

func (r refusal) Error() string { return r.text }
func (r refusal) Unwrap() error { return r.code }

// status turns an error into what the client may see of it. The cause stays
// here: it may hold server paths.
func (c *conn) status(err error) error {
	if _, ok := errors.AsType[refusal](err); ok || err == nil || errors.Is(err, io.EOF) {
		return err
	}
	e := identity.AsError(err)
	if e.Kind == identity.Internal {
		c.log.ErrorContext(c.ctx, "SFTP operation failed", slog.Any("err", err))
	}
	return refusal{e.Message, statusOf(e.Kind)}
}

// statusOf is the SFTP status of an error kind (draft-ietf-secsh-filexfer-02,
// section 7). Its few codes know no bad names; clients show the sentence.
func statusOf(kind identity.Kind) error {
	switch kind {
	case identity.NotFound:
		return sftp.ErrSSHFxNoSuchFile
	case identity.PermissionDenied, identity.Invalid, identity.Unauthenticated, identity.PasswordChangeRequired,
		identity.FactorRequired, identity.CaptchaRequired:
		return sftp.ErrSSHFxPermissionDenied
	case identity.Internal, identity.Conflict, identity.Throttled, identity.Unavailable:
		return sftp.ErrSSHFxFailure
	}
	return sftp.ErrSSHFxFailure
}
