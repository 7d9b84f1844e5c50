package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"latchkey/backend/identity"
)

// A refusal writes errors in the words of one dialect. An error's journey
// ends here, so here its private cause is logged.
type refusal struct {
	dialect *Dialect
	log     *slog.Logger
}

// write answers with err. If the answer has already begun, or nobody waits
// for it any more, it cuts the connection instead, so that half an answer is
// never taken for a whole one.
func (f refusal) write(rec *response, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		panic(http.ErrAbortHandler)
	}
	e := identity.AsError(err)
	rec.code = e.Code
	if e.Kind == identity.Internal || e.Kind == identity.Unavailable && e.Err != nil {
		f.log.LogAttrs(r.Context(), slog.LevelError, "request failed", append(requestAttrs(r), slog.Any("error", err))...)
	}
	if rec.status != 0 {
		panic(http.ErrAbortHandler)
	}
	f.dialect.WriteError(rec, r, e, wireStatus(rec.Header(), err, e))
}

// wireStatus returns the HTTP status that an error has in every dialect, or
// 0, and sets the headers that belong to it.
func wireStatus(h http.Header, err error, e *identity.Error) int {
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(wholeSeconds(e.RetryAfter)))
	}
	w, ok := errors.AsType[*WireError](err)
	switch {
	case ok:
		if w.Allow != "" {
			h.Set("Allow", w.Allow)
		}
		if w.Close {
			h.Set("Connection", "close")
		}
		return w.Status
	case e.Kind == identity.Unavailable:
		return http.StatusServiceUnavailable
	}
	return 0
}

// wholeSeconds rounds up, so that who waits as told is never too early.
func wholeSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// panicked answers for a handler that panicked: 500 and no detail.
func (f refusal) panicked(rec *response, r *http.Request, p any) {
	if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares it just so
		panic(p)
	}
	f.log.LogAttrs(r.Context(), slog.LevelError, "handler panicked",
		append(requestAttrs(r), slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))...)
	e := identity.AsError(errPanic)
	rec.code = e.Code
	if rec.status != 0 {
		panic(http.ErrAbortHandler)
	}
	f.dialect.WriteError(rec, r, e, http.StatusInternalServerError)
}

var errPanic = errors.New("handler panicked")
