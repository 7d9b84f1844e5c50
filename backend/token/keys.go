package token

import (
	"context"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"

	"latchkey/backend/internal/env"
)

// The setting that holds the sealed keys, and the label that it is sealed under.
const (
	settingKeys   = "token.keys"
	settingIssuer = "installation"
	keyLen        = 32 // RFC 7518, 3.2: at least the size of the hash
	keyIDLen      = 8
)

type key struct {
	id     string
	secret []byte
}

// A ring is the keys in use as of one version of the store.
type ring struct {
	version  uint64
	issuer   string
	current  key
	previous *key // accepted, not used
}

// Open returns the service, and makes the keys and the installation's name if
// there are none yet.
func Open(ctx context.Context, st settings, box sealer, e env.Env) (*Service, error) {
	s := &Service{settings: st, box: box, env: e}
	if _, err := st.AddSetting(ctx, settingIssuer, []byte(e.ID())); err != nil {
		return nil, fmt.Errorf("keep installation name: %w", err)
	}
	if _, err := st.AddSetting(ctx, settingKeys, box.Seal(settingKeys, encodeKeys(s.newKey(), nil))); err != nil {
		return nil, fmt.Errorf("keep token keys: %w", err)
	}
	_, err := s.load(ctx)
	return s, err
}

// Issuer returns the installation's name, which every token has. It stays as
// long as the database does.
func (s *Service) Issuer() string { return s.ring.Load().issuer }

// Rotate makes a new signing key. Tokens signed with the one before are still
// accepted; those of the one before that are not.
func (s *Service) Rotate(ctx context.Context) error {
	r, err := s.load(ctx)
	if err != nil {
		return err
	}
	sealed := s.box.Seal(settingKeys, encodeKeys(s.newKey(), &r.current))
	if err := s.settings.SaveSetting(ctx, settingKeys, sealed); err != nil {
		return fmt.Errorf("keep token keys: %w", err)
	}
	_, err = s.load(ctx)
	return err
}

// keys returns the ring in use. It reads the store only after a change.
func (s *Service) keys() (*ring, error) {
	if r := s.ring.Load(); r.version == s.settings.Version() {
		return r, nil
	}
	return s.load(context.Background())
}

func (s *Service) load(ctx context.Context) (*ring, error) {
	r := &ring{version: s.settings.Version()}
	issuer, err := s.settings.Setting(ctx, settingIssuer)
	if err != nil {
		return nil, fmt.Errorf("read installation name: %w", err)
	}
	r.issuer = string(issuer)
	sealed, err := s.settings.Setting(ctx, settingKeys)
	if err != nil {
		return nil, fmt.Errorf("read token keys: %w", err)
	}
	plain, err := s.box.Open(settingKeys, sealed)
	if err != nil {
		return nil, fmt.Errorf("open token keys: %w", err)
	}
	if r.current, r.previous, err = decodeKeys(plain); err != nil {
		return nil, err
	}
	s.ring.Store(r)
	return r, nil
}

// finder returns a function that picks the key that the header of a token of
// one type names, among ours only.
func (r *ring) finder(kind string) jwt.Keyfunc {
	return func(t *jwt.Token) (any, error) {
		if t.Header["typ"] != kind {
			return nil, errors.New("not a token of this type")
		}
		switch kid, _ := t.Header["kid"].(string); {
		case kid == r.current.id:
			return r.current.secret, nil
		case r.previous != nil && kid == r.previous.id:
			return r.previous.secret, nil
		}
		return nil, errors.New("unknown key")
	}
}

func (s *Service) newKey() key {
	return key{id: s.env.ID()[:keyIDLen], secret: s.env.Bytes(keyLen)}
}

// encodeKeys writes one or two keys: a count byte, then id and secret of each.
func encodeKeys(current key, previous *key) []byte {
	out := append([]byte{1}, current.id...)
	out = append(out, current.secret...)
	if previous != nil {
		out[0] = 2
		out = append(append(out, previous.id...), previous.secret...)
	}
	return out
}

func decodeKeys(b []byte) (current key, previous *key, err error) {
	const each = keyIDLen + keyLen
	if len(b) < 1+each || len(b) != 1+int(b[0])*each || b[0] > 2 {
		return key{}, nil, errors.New("token keys: malformed")
	}
	at := func(i int) key {
		k := b[1+i*each:][:each]
		return key{id: string(k[:keyIDLen]), secret: k[keyIDLen:]}
	}
	current = at(0)
	if b[0] == 2 {
		p := at(1)
		previous = &p
	}
	return current, previous, nil
}
