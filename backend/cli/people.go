package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

// people finds the names of users for a list, each once.
type people struct {
	core  *server.Core
	known map[identity.UserID]string
}

// name returns the name of a user, and what stands for one who is gone.
func (p *people) name(ctx context.Context, id identity.UserID) (string, error) {
	if name, ok := p.known[id]; ok {
		return name, nil
	}
	u, err := p.core.Accounts.User(ctx, id)
	name := string(u.Username)
	if errors.Is(err, account.ErrUserNotFound) {
		name, err = fmt.Sprintf("(deleted user %d)", id), nil
	}
	if err != nil {
		return "", err
	}
	if p.known == nil {
		p.known = map[identity.UserID]string{}
	}
	p.known[id] = name
	return name, nil
}

// target returns what an event was done to, with the name of a user who is
// still there in place of their number.
func (p *people) target(ctx context.Context, target string) (string, error) {
	number, ok := strings.CutPrefix(target, "user ")
	id, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil {
		return target, nil //nolint:nilerr // something else than a user
	}
	name, err := p.name(ctx, identity.UserID(id))
	if err != nil || strings.HasPrefix(name, "(") {
		return target, err
	}
	return "user " + name, nil
}
