package remote

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"latchkey/backend/identity"
)

// A Device is one place where somebody is signed in, or one of their
// connections over SFTP to a Latchkey.
type Device struct {
	ID         identity.SessionID
	User       identity.UserID // in lists of everybody's
	Username   string          // in lists of everybody's; empty where it is not known
	UserAgent  string
	Address    string // as the server shows it, usually masked
	LastActive time.Time
	Current    bool // this one

	SFTP   bool      // it is a connection over SFTP, which is open
	SSHKey string    // title of the key that opened it; empty: a password did
	Since  time.Time // when it was opened; zero where it is none
}

// The refusals about devices.
var (
	errNoDevice = identity.NewError(identity.NotFound, "session_not_found",
		"There is no such device. It may have been signed out already.")
	errWhichDevice = identity.NewError(identity.Conflict, "device_unknown",
		"The server does not tell which of the devices is this one. Sign out the others one by one, or sign in again first.")
)

// Devices lists where the account is signed in: this device first, then the
// latest active. Returns server_lacks_this from OpenList and old AList.
func (a *Account) Devices(ctx context.Context) ([]Device, error) {
	var list []wireSession
	if err := a.call(ctx, request{method: http.MethodGet, path: pathSessions, limit: maxList}, &list); err != nil {
		return nil, err
	}
	return a.devices(list), nil
}

// EndDevice signs out one device of the account, which may be this one.
// Returns session_not_found.
func (a *Account) EndDevice(ctx context.Context, id identity.SessionID) error {
	return a.end(ctx, pathEvict, id)
}

// EndOtherDevices signs out all devices of the account but this one, and
// returns how many, also with an error. Where a server has no call for that
// they are signed out one by one, until one fails.
func (a *Account) EndOtherDevices(ctx context.Context) (int, error) {
	s, err := a.c.known(ctx)
	if err != nil {
		return 0, err
	}
	if s.Kind != Latchkey {
		return a.endOneByOne(ctx)
	}
	var got wireEvicted
	err = a.call(ctx, request{method: http.MethodPost, path: pathEvictOthers}, &got)
	return got.Evicted, err
}

func (a *Account) endOneByOne(ctx context.Context) (int, error) {
	list, err := a.Devices(ctx)
	if err != nil {
		return 0, err
	}
	if !slices.ContainsFunc(list, func(d Device) bool { return d.Current }) {
		return 0, errWhichDevice // and ending all would end this one
	}
	n := 0
	for _, d := range list {
		if d.Current {
			continue
		}
		switch err := a.EndDevice(ctx, d.ID); {
		case err == nil:
			n++
		case !errors.Is(err, errNoDevice):
			return n, err
		}
	}
	return n, nil
}

// AllDevices lists where everybody is signed in, for an administrator.
func (a *Account) AllDevices(ctx context.Context) ([]Device, error) {
	list, err := a.allSessions(ctx)
	if err != nil {
		return nil, err
	}
	names := a.usernames(ctx)
	out := a.devices(list)
	for i := range out {
		out[i].Username = names[out[i].User]
	}
	return out, nil
}

// EndAnyDevice signs out a device of anybody, for an administrator.
func (a *Account) EndAnyDevice(ctx context.Context, id identity.SessionID) error {
	return a.end(ctx, pathEvictAny, id)
}

func (a *Account) end(ctx context.Context, path string, id identity.SessionID) error {
	if id == "" {
		return errNoDevice // AList says yes to this and does nothing
	}
	return a.call(ctx, request{method: http.MethodPost, path: path, body: wireSessionID{string(id)}}, nil)
}

// A list of everybody's devices is read in pages from a server that has them.
const (
	pageSize = 1000
	maxPages = 20
)

// allSessions reads page by page. AList has no pages and answers with all each
// time, which shows in that a page is of another size or brings nothing new.
func (a *Account) allSessions(ctx context.Context) ([]wireSession, error) {
	var all []wireSession
	seen := map[string]bool{}
	for page := 1; page <= maxPages; page++ {
		var part []wireSession
		r := request{method: http.MethodGet, path: pathAllSessions, limit: maxList, query: url.Values{
			"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(pageSize)},
		}}
		if err := a.call(ctx, r, &part); err != nil {
			return nil, err
		}
		before := len(all)
		for _, s := range part {
			if !seen[s.SessionID] {
				seen[s.SessionID] = true
				all = append(all, s)
			}
		}
		if len(part) != pageSize || len(all) == before {
			break
		}
	}
	return all, nil
}

// usernames returns the names of all users as far as they can be had: a list
// of devices is of use without them.
func (a *Account) usernames(ctx context.Context) map[identity.UserID]string {
	names := map[identity.UserID]string{}
	var got wirePage[wireUser]
	if err := a.call(ctx, request{method: http.MethodGet, path: pathUsers, limit: maxList}, &got); err != nil {
		return names
	}
	for _, u := range got.Content {
		names[identity.UserID(u.ID)] = clean(u.Username, maxName)
	}
	return names
}

// devices converts a list, without those that have no usable id: nothing could
// be done with them.
func (a *Account) devices(list []wireSession) []Device {
	out := make([]Device, 0, len(list))
	for _, w := range list {
		id := deviceID(w.SessionID)
		if id == "" {
			continue
		}
		out = append(out, Device{
			ID: id, User: identity.UserID(w.UserID), UserAgent: clean(w.UserAgent, maxMessage),
			Address: clean(w.Address, maxName), LastActive: unixTime(w.LastActive),
			Current: w.Current || id == a.grant.Device,
			SFTP:    w.Kind == string(identity.SFTPSession), SSHKey: clean(w.SSHKey, maxName), Since: unixTime(w.Since),
		})
	}
	slices.SortStableFunc(out, func(x, y Device) int {
		return cmp.Or(cmp.Compare(rank(x), rank(y)), y.LastActive.Compare(x.LastActive))
	})
	return out
}

func rank(d Device) int {
	if d.Current {
		return 0
	}
	return 1
}
