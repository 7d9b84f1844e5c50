package iam

import (
	"context"
	"net/http"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/apikey"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
)

// defaultKeyDays is how long a key lasts where nothing is said.
const defaultKeyDays = 365

var errKeyDays = identity.InvalidField("expires_in_days", "expires_in_days_invalid", "expires_in_days must be a whole number from 1 on.")

type keyPage struct {
	pageHead
	Keys []wireKey `json:"api_keys"`
}

type wireKey struct {
	ID          string                `json:"id"`
	Name        string                `json:"name"`
	Prefix      string                `json:"key_prefix"`
	Status      identity.KeyStatus    `json:"status" enum:"active,inactive,expired"`
	Permissions []identity.Permission `json:"permissions"`
	CreatedBy   identity.Username     `json:"created_by"`
	CreatedAt   string                `json:"created_at" format:"date-time"`
	ExpiresAt   *string               `json:"expires_at" format:"date-time"` // null: never
	LastUsedAt  *string               `json:"last_used_at" format:"date-time"`
}

type keyRequest struct {
	Name          string   `json:"name" required:"true"`
	Description   string   `json:"description"`
	Permissions   []string `json:"permissions" required:"true"`
	Password      string   `json:"password" description:"For a key that reaches far, later than ten minutes after signing in."`
	ExpiresInDays *int64   `json:"expires_in_days" default:"365" minimum:"1" description:"More than ten years are ten years."`
}

// life returns how long the key is to last. The service has a longest life of
// its own, of which a day more is enough to be cut down to it.
func (r keyRequest) life() (time.Duration, error) {
	const day, most = 24 * time.Hour, int64(apikey.MaxLife/(24*time.Hour)) + 1
	switch days := r.ExpiresInDays; {
	case days == nil:
		return defaultKeyDays * day, nil
	case *days < 1:
		return 0, errKeyDays
	default:
		return time.Duration(min(*days, most)) * day, nil
	}
}

type keyCreated struct {
	ID          string                `json:"id"`
	Name        string                `json:"name"`
	Key         string                `json:"key"`
	Permissions []identity.Permission `json:"permissions"`
	CreatedAt   string                `json:"created_at" format:"date-time"`
	ExpiresAt   string                `json:"expires_at" format:"date-time"`
}

type keyDisabled struct {
	ID         string             `json:"id"`
	Status     identity.KeyStatus `json:"status" enum:"active,inactive,expired"`
	DisabledAt string             `json:"disabled_at" format:"date-time"`
}

type keyEnabled struct {
	ID        string             `json:"id"`
	Status    identity.KeyStatus `json:"status" enum:"active,inactive,expired"`
	EnabledAt string             `json:"enabled_at" format:"date-time"`
}

// keyOwner returns whose keys somebody may look after: their own, or with the
// permission for it everybody's, which is 0.
func keyOwner(r *http.Request) identity.UserID {
	if who(r).Can(identity.APIKeyManage) {
		return 0
	}
	return who(r).User.ID
}

// key returns the key that the path names.
func (h *Handler) key(r *http.Request) (identity.APIKey, error) {
	id, err := pathID[identity.APIKeyID](r, "key_id", apikey.ErrNotFound)
	if err != nil {
		return identity.APIKey{}, err
	}
	k, err := h.Keys.Of(r.Context(), keyOwner(r), identity.KeyAPI, id)
	if err == nil && k.User != who(r).User.ID {
		err = h.Accounts.MayTouch(r.Context(), k.User, origin(r))
	}
	return k, err
}

// proof is a password that is shown again, or none.
func proof(text string) account.Proof {
	if text == "" {
		return account.Proof{}
	}
	return account.Proof{Password: password.DigestOf(text)}
}

func (h *Handler) keys(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r)
	if err != nil {
		return err
	}
	list, total, err := h.Keys.List(r.Context(), identity.APIKeyFilter{
		User: keyOwner(r), Kind: identity.KeyAPI, Name: q.Get("name"), Status: identity.KeyStatus(q.Get("status")),
	}, q.part())
	if err != nil {
		return err
	}
	owners, err := h.owners(r.Context(), list)
	if err != nil {
		return err
	}
	out := keyPage{pageHead: q.head(total), Keys: make([]wireKey, len(list))}
	for i, k := range list {
		out.Keys[i] = wireKey{
			ID: idText(k.ID), Name: k.Name, Prefix: k.Prefix, Status: k.Status(h.Now()), Permissions: k.Permissions,
			CreatedBy: owners[k.User], CreatedAt: stamp(k.CreatedAt), ExpiresAt: stampOrNull(k.ExpiresAt),
			LastUsedAt: stampOrNull(k.LastUsedAt),
		}
	}
	return succeed(w, found, out)
}

// owners returns the names of those who made some keys. Who was deleted just
// now has none.
func (h *Handler) owners(ctx context.Context, keys []identity.APIKey) (map[identity.UserID]identity.Username, error) {
	out := map[identity.UserID]identity.Username{}
	for _, k := range keys {
		if _, known := out[k.User]; known {
			continue
		}
		u, err := h.Accounts.User(ctx, k.User)
		if err != nil && identity.KindOf(err) != identity.NotFound {
			return nil, err
		}
		out[k.User] = u.Username
	}
	return out, nil
}

func (h *Handler) createKey(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[keyRequest](w, r)
	if err != nil {
		return err
	}
	life, err := body.life()
	if err != nil {
		return err
	}
	k, text, err := h.Keys.Create(r.Context(), who(r), apikey.NewKey{
		Kind: identity.KeyAPI, Name: body.Name, Description: body.Description, Permissions: body.Permissions, Life: life,
		Proof: proof(body.Password),
	}, origin(r))
	if err != nil {
		return err
	}
	return succeed(w, "API密钥创建成功", keyCreated{
		ID: idText(k.ID), Name: k.Name, Key: text.Reveal(), Permissions: k.Permissions,
		CreatedAt: stamp(k.CreatedAt), ExpiresAt: stamp(k.ExpiresAt),
	})
}

func (h *Handler) disableKey(w http.ResponseWriter, r *http.Request) error {
	k, err := h.key(r)
	if err != nil {
		return err
	}
	if k, err = h.Keys.SetEnabled(r.Context(), k, false, origin(r)); err != nil {
		return err
	}
	return succeed(w, "API密钥已禁用", keyDisabled{ID: idText(k.ID), Status: k.Status(h.Now()), DisabledAt: stamp(k.DisabledAt)})
}

func (h *Handler) enableKey(w http.ResponseWriter, r *http.Request) error {
	k, err := h.key(r)
	if err != nil {
		return err
	}
	if k, err = h.Keys.SetEnabled(r.Context(), k, true, origin(r)); err != nil {
		return err
	}
	return succeed(w, "API密钥已启用", keyEnabled{
		ID: idText(k.ID), Status: k.Status(h.Now()), EnabledAt: changed(k.EnabledAt, k.CreatedAt),
	})
}

func (h *Handler) deleteKey(w http.ResponseWriter, r *http.Request) error {
	k, err := h.key(r)
	if err != nil {
		return err
	}
	if err := h.Keys.Delete(r.Context(), k, origin(r)); err != nil {
		return err
	}
	return done(w, "API密钥已删除")
}
