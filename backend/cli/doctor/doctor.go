// Package doctor looks over a data folder and the machine around it, and says
// in plain sentences what is wrong and what to do. The command line prints
// what it finds. It works beside a running server, and repairs nothing but
// permissions: all where it is asked to, and otherwise those that every start
// of the server repairs too.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
	Config   config.Config
	Settings error // what is wrong with the settings, or nil
	Options  server.Options
	Fix      bool                      // make loose files private
	Command  func(words string) string // how to write a command of the program
}

// Run makes every check that can be made: without a data folder there is
// little to see, and without its database not much more.
func (e Examination) Run(ctx context.Context) []Finding {
	r := &report{}
	if !e.settings(r) {
		return r.findings
	}
	there := e.folder(r)
	e.network(ctx, r, there)
	if !there {
		return r.findings
	}
	e.modes(r)
	e.space(r)
	e.hostKeys(r)
	e.certificate(r)
	core, err := server.OpenCore(ctx, e.Config, e.Options)
	if err != nil {
		e.unopened(r, err)
		return r.findings
	}
	e.database(ctx, r, core)
	e.secrets(ctx, r, core)
	e.clock(ctx, r, core)
	e.people(ctx, r, core)
	e.storage(ctx, r, core)
	if err := core.Close(); err != nil {
		r.fail("database", "The database could not be closed in good order. Check that the disk is not full.")
	}
	return r.findings
}

// settings says what is wrong with the settings, and reports whether there are
// enough to go on.
func (e Examination) settings(r *report) bool {
	const check = "settings"
	if e.Settings == nil {
		r.ok(check, "The settings can be used.")
		return true
	}
	for line := range strings.Lines(e.Settings.Error()) {
		r.fail(check, "%s", strings.TrimSuffix(line, "\n"))
	}
	return e.Config.Data != ""
}

// unopened says why the services did not open.
func (e Examination) unopened(r *report, err error) {
	known, ok := errors.AsType[*identity.Error](err)
	switch {
	case errors.Is(err, server.ErrNoData):
		r.fail("database", "There is no Latchkey data in %s yet. Start the server once: %s", e.Config.Data, e.Command("serve"))
	case !ok:
		r.fail("database", "It does not open, for a reason that only a developer can read: %v", err)
	case strings.HasPrefix(known.Code, "master_key"):
		r.fail("master key", "%s", known.Message)
	default:
		r.fail("database", "%s", known.Message)
	}
}

// A report gathers findings.
type report struct{ findings []Finding }

func (r *report) add(l Level, check, format string, args ...any) {
	r.findings = append(r.findings, Finding{check, l, fmt.Sprintf(format, args...)})
}

func (r *report) ok(check, format string, args ...any)   { r.add(OK, check, format, args...) }
func (r *report) warn(check, format string, args ...any) { r.add(Warn, check, format, args...) }
func (r *report) fail(check, format string, args ...any) { r.add(Fail, check, format, args...) }
