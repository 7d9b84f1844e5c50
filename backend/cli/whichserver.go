package cli

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

// What the server of the data folder is called without being on the list, and
// its name once it is.
const (
	ownWord = "local"
	ownName = "This computer"
)

var errNoServers = identity.NewError(identity.NotFound, "servers_none", "There is no server on your list yet.")

// choose finds the server that a command is about, and makes it reachable if
// it is the own one. It counts as the one used last once the command is done:
// one that was refused must not lead the next command elsewhere.
func (d *desk) choose(ctx context.Context, named string) (servers.Server, error) {
	s, err := d.find(ctx, named)
	if err == nil && s.Own {
		err = d.own.open(ctx)
	}
	d.chosen = err == nil
	return s, err
}

// chooseToSignIn is choose, and puts the server of the data folder on the list
// if need be. That server counts as used at once: a password for it that was
// refused must not be typed at another one next.
func (d *desk) chooseToSignIn(ctx context.Context, named string) (servers.Server, error) {
	s, err := d.choose(ctx, named)
	if d.at.Own && errors.Is(err, errNotSignedIn) {
		s, err = d.Servers.AddOwn(ctx, ownName)
		d.at = s
	}
	if err == nil {
		d.Use(s.ID)
	}
	return s, err
}

// find finds the server that a command is about: the one that was named, or
// the only one, or the one that was used last.
func (d *desk) find(ctx context.Context, named string) (servers.Server, error) {
	list, err := d.Servers.List(ctx)
	if err != nil {
		return servers.Server{}, err
	}
	if named == "" {
		d.at, err = d.unnamed(ctx, list)
	} else {
		d.at, err = d.named(ctx, list, named)
	}
	return d.at, err
}

func (d *desk) unnamed(ctx context.Context, list []servers.Server) (servers.Server, error) {
	switch len(list) {
	case 0:
		s, err := d.local(ctx)
		if errors.Is(err, server.ErrNoData) {
			err = errNoServers
		}
		return s, err
	case 1:
		return list[0], nil
	}
	last := d.LastUsed()
	if i := slices.IndexFunc(list, func(s servers.Server) bool { return s.ID == last }); i >= 0 {
		return list[i], nil
	}
	return servers.Server{}, usagef("Say which server you mean: %s.", strings.Join(namesOf(list), ", "))
}

func (d *desk) named(ctx context.Context, list []servers.Server, named string) (servers.Server, error) {
	for _, s := range list {
		if strings.EqualFold(s.Name, named) {
			return s, nil
		}
	}
	own := strings.EqualFold(named, ownWord) || strings.EqualFold(named, ownName)
	for _, s := range list {
		if s.Own && own || !s.Own && s.Base.String() == strings.TrimSuffix(named, "/") {
			return s, nil
		}
	}
	if own {
		return d.local(ctx)
	}
	e := identity.NewError(identity.NotFound, "server_unknown", "There is no server "+strconv.Quote(named)+" on your list.")
	if near := nearest(named, append(namesOf(list), ownWord)); near != "" {
		e.Message += " Did you mean " + strconv.Quote(near) + "?"
		return servers.Server{}, e
	}
	e.Message += " See the list with: " + d.command("server list")
	return servers.Server{}, e
}

// local is what there is to say of the server of the data folder while it is
// not on the list: nobody can be signed in there. Returns server.ErrNoData if
// there is none.
func (d *desk) local(ctx context.Context) (servers.Server, error) {
	if err := d.own.open(ctx); err != nil {
		return servers.Server{}, err
	}
	return servers.Server{Name: ownName, Own: true}, errNotSignedIn
}

// openListed makes the server of the data folder reachable if it is on the
// list, for what asks every server of it.
func (d *desk) openListed(ctx context.Context) error {
	list, err := d.Servers.List(ctx)
	if err == nil && slices.ContainsFunc(list, func(s servers.Server) bool { return s.Own }) {
		err = d.own.open(ctx)
	}
	return err
}

func namesOf(list []servers.Server) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = s.Name
	}
	return out
}

// serverWord is how a server is named in a command.
func serverWord(s servers.Server) string {
	if s.Own {
		return ownWord
	}
	return shellWord(s.Name)
}
