package intake

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"io"
	"strings"
	"unicode"

	"latchkey/backend/companion/authenticator/backup"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/qr"
	"latchkey/backend/companion/screen"
	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/secret"
)

// What is handed in is always held, also if nothing of it was understood: then
// the error says why, and so does the Reading. Only what there is no room for
// (ErrFull), and what a context has ended, is not.

// File reads a file that may be a picture or a backup, whichever its content
// says. A file that is here already is not read again.
func (in *Intake) File(ctx context.Context, from Source, r io.Reader) error {
	era := in.era()
	end, err := in.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	content, err := io.ReadAll(io.LimitReader(r, qr.MostBytes+1))
	if err != nil {
		return in.miss(from, disk.Explain(err), era)
	}
	sum := sha256.Sum256(content)
	switch {
	case in.holds(sum):
		return nil
	case qr.Recognises(content):
		return in.picture(ctx, piece{from: from, sum: sum, content: content}, era)
	}
	return in.backup(piece{from: from, sum: sum, content: content}, era)
}

// Picture reads the codes in a picture's file, as qr.Decode does.
func (in *Intake) Picture(ctx context.Context, from Source, r io.Reader) error {
	era := in.era()
	end, err := in.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	content, err := io.ReadAll(io.LimitReader(r, qr.MostBytes+1))
	if err != nil {
		return in.miss(from, disk.Explain(err), era)
	}
	return in.picture(ctx, piece{from: from, content: content}, era)
}

// Image reads the codes in a picture of the screen, as qr.Read does.
func (in *Intake) Image(ctx context.Context, from Source, img image.Image) error {
	era := in.era()
	end, err := in.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	return in.picture(ctx, piece{from: from, image: img}, era)
}

// Screen reads the codes on the monitors of a screen, as they were taken. Those
// without a code are not told of beside one that has some; where none has, they
// are held as pictures that said nothing.
func (in *Intake) Screen(ctx context.Context, monitors []screen.Picture) error {
	var without []screen.Picture
	for _, m := range monitors {
		codes, err := qr.Read(ctx, m)
		if err != nil {
			without = append(without, m)
			continue
		}
		if _, err := in.Codes(Source{Way: Screen, Name: m.Monitor}, codes); err != nil {
			return err
		}
	}
	if len(without) < len(monitors) {
		return ctx.Err()
	}
	var missed error
	for _, m := range without {
		err := in.Image(ctx, Source{Way: Screen, Name: m.Monitor}, m.Image)
		missed = cmp.Or(missed, err)
		if ctx.Err() != nil || errors.Is(err, ErrFull) || errors.Is(err, ErrCleared) {
			return err
		}
	}
	return missed
}

// Codes takes codes that were read already, as from the frames of a camera.
// Those that are here already are not taken again; fresh says that there were
// others.
func (in *Intake) Codes(from Source, codes []qr.Code) (fresh bool, err error) {
	era := in.era()
	known := in.known()
	var texts []secret.Text
	for _, t := range textsOf(codes) {
		if !known[t] {
			known[t] = true
			texts = append(texts, t)
		}
	}
	if len(texts) == 0 {
		return false, nil
	}
	return true, in.add(piece{from: from, picture: true, texts: texts}, era)
}

func (in *Intake) known() map[secret.Text]bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	out := map[secret.Text]bool{}
	for _, p := range in.pieces {
		for _, t := range p.texts {
			out[t] = true
		}
	}
	return out
}

// picture reads a piece that is a picture. What a picture looks like is kept
// only if it said nothing: somebody may show then where the code is.
func (in *Intake) picture(ctx context.Context, p piece, era int) error {
	p.picture = true
	var found qr.Found
	var err error
	if p.image != nil {
		found, err = qr.PictureOf(p.image).Read(ctx)
	} else {
		found, err = qr.Decode(ctx, bytes.NewReader(p.content))
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		p.problem = identity.AsError(disk.Explain(err))
	default:
		p.texts = textsOf(found.Codes)
	}
	if r := otpauth.Read(reveal(p.texts)); len(r.Found) == 0 {
		p.size = sizeOf(ctx, p)
	}
	if p.size == (image.Point{}) {
		p.content, p.image = nil, nil
	}
	return in.add(p, era)
}

// sizeOf returns how large a picture is, if it is one that can be shown.
func sizeOf(ctx context.Context, p piece) image.Point {
	opened, err := open(ctx, &p)
	if err != nil {
		return image.Point{}
	}
	return opened.Size()
}

// Backup reads the content of a backup, as backup.Read does without a password.
// One that is encrypted waits for it, and the error is backup.ErrPasswordNeeded.
func (in *Intake) Backup(ctx context.Context, from Source, content []byte) error {
	era := in.era()
	end, err := in.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	return in.backup(piece{from: from, content: content}, era)
}

func (in *Intake) backup(p piece, era int) error {
	b, err := backup.Read(p.content, secret.Text{})
	switch {
	case errors.Is(err, backup.ErrPasswordNeeded):
		p.waits = true
		if added := in.add(p, era); added != nil {
			return added
		}
		return err
	case err != nil:
		p.problem = identity.AsError(err)
	default:
		p.rest, p.plain = b.Reading, true
	}
	p.content = nil
	return in.add(p, era)
}

// Unlock opens a backup that waits for its password. Returns ErrGone, and what
// backup.Read does; the backup waits on if that is backup.ErrPasswordWrong.
func (in *Intake) Unlock(ctx context.Context, id ID, password secret.Text) error {
	p, err := in.find(id)
	if err != nil {
		return err
	}
	if !p.waits {
		return ErrGone
	}
	end, err := in.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	now := *p
	b, err := backup.Read(p.content, password)
	switch {
	case errors.Is(err, backup.ErrPasswordWrong), errors.Is(err, backup.ErrPasswordNeeded):
		return err
	case err != nil:
		now.problem = identity.AsError(err)
	default:
		now.rest = b.Reading
	}
	now.waits, now.content = false, nil
	return errors.Join(in.replace(p, now), err)
}

// Text reads a text that was pasted: the setup of a code, several lines of them,
// a backup as a whole, or a bare secret. A text that is here already is not read
// again.
func (in *Intake) Text(ctx context.Context, from Source, text string) error {
	era := in.era()
	end, err := in.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	p := piece{from: from, sum: sha256.Sum256([]byte(text))}
	if in.holds(p.sum) {
		return nil
	}
	text = strings.TrimSpace(text)
	if k, ok := bareSecret(text); ok {
		p.rest.Add(1, otpauth.Entry{Key: k}, nil)
		return in.add(p, era)
	}
	if strings.Contains(text, "\n") || strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		whole := p
		whole.content = []byte(text)
		if _, err := backup.Read(whole.content, secret.Text{}); !errors.Is(err, backup.ErrUnknown) {
			return in.backup(whole, era)
		}
	}
	p.texts = hide([]string{text})
	return in.add(p, era)
}

// bareSecret takes a text for the secret of a code if it can hardly be anything
// else: 16 letters and digits or more, in the form that services show.
func bareSecret(text string) (otpauth.Key, bool) {
	const least, most = 16, 200
	letters := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' || r == '=' {
			return -1
		}
		return r
	}, text)
	if len(text) > most || len(letters) < least || letters != strings.ToUpper(letters) && !strings.ContainsAny(letters, "234567") {
		return otpauth.Key{}, false
	}
	k, err := otpauth.Fields{Secret: text}.Key()
	return k, err == nil
}

// Texts takes the setups of codes, each a text.
func (in *Intake) Texts(from Source, texts []string) error {
	return in.add(piece{from: from, texts: hide(texts[:min(len(texts), otpauth.MostEntries+1)])}, in.era())
}

// Entry takes an entry that somebody has typed. It may have no name as yet.
func (in *Intake) Entry(from Source, e otpauth.Entry) error {
	p := piece{from: from}
	p.rest.Add(1, e, nil)
	return in.add(p, in.era())
}

// Miss notes something that could not even be opened.
func (in *Intake) Miss(from Source, err error) error { return in.miss(from, err, in.era()) }

func (in *Intake) miss(from Source, err error, era int) error {
	return in.add(piece{from: from, problem: identity.AsError(err)}, era)
}
