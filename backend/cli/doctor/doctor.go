// Package doctor looks over a data folder and the machine around it, and says
// in plain sentences what is wrong and what to do. The command line prints
// what it finds. It works beside a running server, and repairs nothing but
// permissions: all where it is asked to, and otherwise those that every start
// of the server repairs too.
package doctor

import (
	"context"
	"fmt"

	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

// A Level says how bad a finding is.
type Level string

// The levels.
const (
	OK   Level = "ok"
	Warn Level = "warn" // works, but should be looked at
	Fail Level = "fail" // does not work, or not for long
)

// A Finding is the result of one check.
type Finding struct {
	Check string // a word or two, such as "free space"
	Level Level
	Text  string // one sentence or two
}

// An Examination is what to look at.
type Examination struct {
	Config  config.Config
	Options server.Options
	Fix     bool // make loose files private
}

// Run makes every check that can be made: without a data folder there is
// little to see, and without its database not much more.
func (e Examination) Run(ctx context.Context) []Finding {
	r := &report{}
	there := e.folder(r)
	e.network(ctx, r, there)
	if !there {
		return r.findings
	}
	e.modes(r)
	e.space(r)
	e.hostKeys(r)
	core, err := server.OpenCore(ctx, e.Config, e.Options)
	if err != nil {
		r.fail("database", "%s", identity.AsError(err).Message)
		return r.findings
	}
	e.database(ctx, r, core)
	e.secrets(ctx, r, core)
	e.clock(ctx, r, core)
	e.people(ctx, r, core)
	if err := core.Close(); err != nil {
		r.fail("database", "The database could not be closed in good order. Check that the disk is not full.")
	}
	return r.findings
}

// A report gathers findings.
type report struct{ findings []Finding }

func (r *report) add(l Level, check, format string, args ...any) {
	r.findings = append(r.findings, Finding{check, l, fmt.Sprintf(format, args...)})
}

func (r *report) ok(check, format string, args ...any)   { r.add(OK, check, format, args...) }
func (r *report) warn(check, format string, args ...any) { r.add(Warn, check, format, args...) }
func (r *report) fail(check, format string, args ...any) { r.add(Fail, check, format, args...) }
