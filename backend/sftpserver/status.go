package sftpserver

import (
	"errors"
	"io"
	"log/slog"

	"latchkey/backend/identity"
)

// A status is how a request ended (draft-ietf-secsh-filexfer-02, section 7).
type status uint32

const (
	statusOK status = iota
	statusEOF
	statusNoSuchFile
	statusPermissionDenied
	statusFailure
	statusBadMessage
	_
	_
	statusUnsupported
)

var (
	errFailed      = identity.NewError(identity.Internal, "internal", "Something went wrong on the server.")
	errOwner       = identity.NewError(identity.PermissionDenied, "owner_fixed", "Owners cannot be changed.")
	errNoPerson    = identity.NewError(identity.NotFound, "person_not_found", "There is no such person.")
	errHandles     = identity.NewError(identity.Unavailable, "too_many_handles", "Too many files are open; close some first.")
	errUnsupported = refusal{"This server does not do that.", statusUnsupported}
	errBadMessage  = refusal{"The request makes no sense.", statusBadMessage}
	errNotOpen     = refusal{"That file is not open, or not for this.", statusFailure}
)

// A refusal is a status with a sentence.
type refusal struct {
	text   string
	status status
}

func (r refusal) Error() string { return r.text }

// refusal turns an error into what the client may see of it. The cause stays
// here: it may hold server paths.
func (c *conn) refusal(err error) refusal {
	if r, ok := errors.AsType[refusal](err); ok {
		return r
	}
	if errors.Is(err, io.EOF) {
		return refusal{"There is no more.", statusEOF}
	}
	e := identity.AsError(err)
	if e.Kind == identity.Internal {
		c.log.ErrorContext(c.ctx, "SFTP operation failed", slog.Any("err", err))
	}
	return refusal{e.Message, statusOf(e.Kind)}
}

// statusOf is the status of an error kind. Its few codes know no bad names;
// clients show the sentence.
func statusOf(kind identity.Kind) status {
	switch kind {
	case identity.NotFound:
		return statusNoSuchFile
	case identity.PermissionDenied, identity.Invalid, identity.Unauthenticated, identity.PasswordChangeRequired,
		identity.FactorRequired, identity.CaptchaRequired:
		return statusPermissionDenied
	case identity.Internal, identity.Conflict, identity.Throttled, identity.Unavailable:
		return statusFailure
	}
	return statusFailure
}
