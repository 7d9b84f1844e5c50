package intake

import (
	"context"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
)

// A Candidate is a find with how it stands to the book.
type Candidate struct {
	Find
	State    authenticator.State
	Existing authenticator.ID // what is known already, or has the name
	Called   string           // what that is called
}

// Compare says of all that was found how it stands to the book, in its order.
func Compare(ctx context.Context, book *authenticator.Book, found []Find) ([]Candidate, error) {
	plain := make([]otpauth.Found, len(found))
	for i, f := range found {
		plain[i] = f.Found
	}
	states, err := book.Preview(ctx, plain)
	if err != nil {
		return nil, err
	}
	out := make([]Candidate, len(found))
	for i, s := range states {
		out[i] = Candidate{found[i], s.State, s.Existing, s.Called}
	}
	return out, nil
}

// A Choice is what a person wants of one candidate.
type Choice struct {
	ID              FindID
	Issuer, Account string           // the names, which the person may have changed
	Replaces        authenticator.ID // what of the same name goes to the trash for it; "": nothing
	Link            authenticator.Link
}

// Items makes of choices what the book stores, in the order of the candidates.
// Of several that would replace the same entry the first does. Returns
// ErrNothing, ErrGone if something is no candidate, and ErrChanged if what is to
// be replaced has not the candidate's name any more.
func Items(all []Candidate, choices []Choice) ([]authenticator.Item, error) {
	if len(choices) == 0 {
		return nil, ErrNothing
	}
	chosen := map[FindID]Choice{}
	for _, c := range choices {
		chosen[c.ID] = c
	}
	var items []authenticator.Item
	replaced := map[authenticator.ID]bool{"": true}
	for _, candidate := range all {
		c, ok := chosen[candidate.ID]
		if !ok {
			continue
		}
		delete(chosen, candidate.ID)
		if c.Replaces != "" && (candidate.State != authenticator.Namesake || c.Replaces != candidate.Existing) {
			return nil, ErrChanged
		}
		item := authenticator.Item{Entry: candidate.Entry, Link: c.Link}
		item.Entry.Issuer, item.Entry.Account = c.Issuer, c.Account
		if !replaced[c.Replaces] {
			item.Replaces, replaced[c.Replaces] = c.Replaces, true
		}
		items = append(items, item)
	}
	if len(chosen) > 0 {
		return nil, ErrGone
	}
	return items, nil
}
