package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"strings"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/intake"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/vault"
)

// An IntakeState is what was understood of all that was handed in.
type IntakeState struct {
	Found   []IntakeFound   `json:"found"`
	Missed  []IntakeMiss    `json:"missed"`
	Batches []IntakeBatch   `json:"batches"`
	Waiting []IntakeWaiting `json:"waiting"`
	Plain   []string        `json:"plain"` // names of files with secrets in them for everybody who gets them
}

// An IntakeFound is a code that can be added.
type IntakeFound struct {
	ID         string       `json:"id"`
	Issuer     string       `json:"issuer"`
	Account    string       `json:"account"`
	Kind       string       `json:"kind"`
	Algorithm  string       `json:"algorithm"`
	Digits     int          `json:"digits"`
	Period     int          `json:"period"` // seconds
	Cleaned    bool         `json:"cleaned"`
	State      string       `json:"state"`
	Existing   string       `json:"existing"`   // the entry that is the same or has the name
	ExistingAt int64        `json:"existingAt"` // when that was added
	From       IntakeOrigin `json:"from"`
	Link       *IntakeLink  `json:"link"`
}

// An IntakeOrigin is where something was.
type IntakeOrigin struct {
	Piece string `json:"piece"`
	Way   string `json:"way"`
	Name  string `json:"name"`
	Code  int    `json:"code"`
	Of    int    `json:"of"`
	Part  int    `json:"part"`
	Parts int    `json:"parts"`
}

// An IntakeMiss is what was not understood.
type IntakeMiss struct {
	From    IntakeOrigin `json:"from"`
	At      int          `json:"at"` // which line or entry, from 1; 0: all of it
	Name    string       `json:"name"`
	Problem *Problem     `json:"problem"`
	Width   int          `json:"width"` // of the picture that can be shown, in pixels; 0: there is none
	Height  int          `json:"height"`
}

// An IntakeBatch is an export in several parts, of which some are missing.
type IntakeBatch struct {
	Size    int   `json:"size"`
	Missing []int `json:"missing"`
}

// An IntakeWaiting is a backup that waits for its password.
type IntakeWaiting struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// An IntakeLink is an account that a code may be for.
type IntakeLink struct {
	Server   string `json:"server"`
	Name     string `json:"name"`
	Username string `json:"username"`
	Exact    bool   `json:"exact"` // the names are the same; otherwise they are alike
}

// intakeState returns what was understood so far. A locked vault lets go of all
// that, also of what came in while it was being locked.
func (d *desk) intakeState(ctx context.Context) (IntakeState, error) {
	s, err := d.readIntake(ctx)
	if errors.Is(err, vault.ErrLocked) {
		d.intake.Clear()
	}
	return s, err
}

func (d *desk) readIntake(ctx context.Context) (IntakeState, error) {
	r := d.intake.Reading()
	all, err := intake.Compare(ctx, d.companion.Codes, r.Found)
	if err != nil {
		return IntakeState{}, err
	}
	offer, err := d.linkOffers(ctx)
	if err != nil {
		return IntakeState{}, err
	}
	s := IntakeState{Found: []IntakeFound{}, Missed: []IntakeMiss{}, Batches: []IntakeBatch{}, Waiting: []IntakeWaiting{}, Plain: []string{}}
	for _, c := range all {
		f := toIntakeFound(c)
		if c.State != authenticator.Known {
			f.Link = offer.link(c)
		}
		f.ExistingAt = millis(offer.entries[c.Existing].AddedAt)
		s.Found = append(s.Found, f)
	}
	for _, m := range r.Missed {
		s.Missed = append(s.Missed, IntakeMiss{
			From: toIntakeOrigin(m.From), At: m.At, Name: m.Name, Problem: problemOf(m.Err), Width: m.Picture.X, Height: m.Picture.Y,
		})
	}
	for _, b := range r.Batches {
		if len(b.Missing) > 0 {
			s.Batches = append(s.Batches, IntakeBatch{b.Size, b.Missing})
		}
	}
	for _, w := range r.Waiting {
		s.Waiting = append(s.Waiting, IntakeWaiting{string(w.Piece), w.From.Name})
	}
	for _, p := range r.Plain {
		if p.Way == intake.File {
			s.Plain = append(s.Plain, p.Name)
		}
	}
	return s, nil
}

func toIntakeFound(c intake.Candidate) IntakeFound {
	return IntakeFound{
		ID: string(c.ID), Issuer: c.Entry.Issuer, Account: c.Entry.Account, Kind: string(c.Entry.Key.Kind),
		Algorithm: string(c.Entry.Key.Algorithm), Digits: c.Entry.Key.Digits, Period: c.Entry.Key.Period,
		Cleaned: c.Cleaned, State: string(c.State), Existing: string(c.Existing), From: toIntakeOrigin(c.From),
	}
}

func toIntakeOrigin(o intake.Origin) IntakeOrigin {
	return IntakeOrigin{string(o.Piece), string(o.Way), o.Name, o.Code, o.Of, o.Part, o.Parts}
}

// linkOffers says for which accounts codes may be.
type linkOffers struct {
	servers []servers.Server
	entries map[authenticator.ID]authenticator.Entry
	linked  map[authenticator.Link]bool // in lower case
}

func (d *desk) linkOffers(ctx context.Context) (linkOffers, error) {
	list, err := d.companion.Servers.List(ctx)
	if err != nil {
		return linkOffers{}, err
	}
	o := linkOffers{servers: list, entries: map[authenticator.ID]authenticator.Entry{}, linked: map[authenticator.Link]bool{}}
	entries, err := d.companion.Codes.List(ctx)
	for _, e := range entries {
		o.entries[e.ID] = e
		o.linked[authenticator.Link{Server: e.Link.Server, Username: strings.ToLower(e.Link.Username)}] = true
	}
	return o, err
}

// products are what servers of this kind call themselves, whatever the person
// calls them.
const products = " alist latchkey openlist "

// link offers an account that has no code yet, if the names of a code speak for
// it.
func (o linkOffers) link(c intake.Candidate) *IntakeLink {
	var alike *IntakeLink
	for _, s := range o.servers {
		if s.Username == "" || o.linked[authenticator.Link{Server: string(s.ID), Username: strings.ToLower(s.Username)}] {
			continue
		}
		account := strings.EqualFold(c.Entry.Account, s.Username)
		service := c.Entry.Issuer != "" && (strings.EqualFold(c.Entry.Issuer, s.Name) || strings.EqualFold(c.Entry.Issuer, s.Base.Host()))
		product := c.Entry.Issuer != "" && strings.Contains(products, " "+strings.ToLower(c.Entry.Issuer)+" ")
		l := &IntakeLink{Server: string(s.ID), Name: s.Name, Username: s.Username, Exact: account && service}
		if l.Exact {
			return l
		}
		if alike == nil && (service || product && account) {
			alike = l
		}
	}
	return alike
}

// mostShown bounds the side of a picture that is shown, in pixels, and
// mostURL what that takes as text.
const (
	mostShown = 720
	mostURL   = 512 << 10
)

// dataURL writes a picture as the text of a data: URL, of a modest size.
func dataURL(img image.Image) (string, error) {
	for quality := 85; ; quality -= 20 {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
			return "", fmt.Errorf("encode picture: %w", err)
		}
		if text := "data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(out.Bytes()); len(text) <= mostURL || quality < 30 {
			return text, nil
		}
	}
}
