package servers

import (
	"encoding/json"
	"fmt"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

// recordVersion is that of the record's form. A newer one is left alone.
const recordVersion = 1

// The errors about a record that cannot be used. It stays as it is.
var (
	ErrDamaged = identity.NewError(identity.Unavailable, "servers_damaged",
		"The list of servers cannot be read. It was left as it is; put it back from a backup, or set it aside and add the servers again.")
	ErrNewer = identity.NewError(identity.Unavailable, "servers_newer",
		"The list of servers was written by a newer Latchkey. Update this one; the list was left as it is.")
)

type wireList struct {
	Version int          `json:"version"`
	Servers []wireServer `json:"servers"`
}

type wireServer struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	Address      string    `json:"address"`
	SFTPHost     string    `json:"sftp_host"`
	SFTPPort     int       `json:"sftp_port"`
	SFTPChosen   bool      `json:"sftp_chosen,omitempty"`
	Own          bool      `json:"own,omitempty"`
	Kind         string    `json:"kind,omitempty"`
	Version      string    `json:"version,omitempty"`
	Username     string    `json:"username,omitempty"`
	CodeExpected bool      `json:"code_expected,omitempty"`
	ClientID     string    `json:"client_id"`
	Pin          string    `json:"certificate,omitempty"`
	LockedUntil  time.Time `json:"locked_until,omitzero"`
	Last         string    `json:"last_state,omitempty"`
	LastAt       time.Time `json:"last_state_at,omitzero"`
	ComparedAt   time.Time `json:"clock_compared_at,omitzero"`

	Ahead time.Duration `json:"clock_ahead,omitempty"` // in nanoseconds
}

func encode(list []Server) ([]byte, error) {
	w := wireList{Version: recordVersion, Servers: make([]wireServer, len(list))}
	for i, s := range list {
		w.Servers[i] = wireServer{
			ID: string(s.ID), Name: s.Name, Address: s.Base.String(), SFTPHost: s.SFTP.Host, SFTPPort: s.SFTP.Port,
			SFTPChosen: s.SFTPChosen, Own: s.Own, Kind: string(s.Kind), Version: s.Version, Username: s.Username, CodeExpected: s.CodeExpected, ClientID: s.ClientID,
			Pin: string(s.Pin), LockedUntil: s.LockedUntil, Last: string(s.Last), LastAt: s.LastAt,
			ComparedAt: s.Drift.At, Ahead: s.Drift.Ahead,
		}
	}
	record, err := json.MarshalIndent(w, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode servers: %w", err)
	}
	return append(record, '\n'), nil
}

// decode reads a record. None is an empty list. Returns ErrDamaged, ErrNewer.
func decode(record []byte) ([]Server, error) {
	if len(record) == 0 {
		return nil, nil
	}
	var w wireList
	err := json.Unmarshal(record, &w)
	switch {
	case w.Version > recordVersion:
		return nil, ErrNewer
	case err != nil:
		return nil, ErrDamaged.Because(err)
	case w.Version != recordVersion || len(w.Servers) > maxServers:
		return nil, ErrDamaged
	}
	list := make([]Server, len(w.Servers))
	for i, s := range w.Servers {
		if list[i], err = s.server(); err != nil || indexOf(list[:i], list[i].ID) >= 0 {
			return nil, ErrDamaged.Because(err)
		}
	}
	return list, nil
}

// server checks everything that is relied on: a certificate or an address that
// was changed to nonsense must not become none.
func (w wireServer) server() (Server, error) {
	s := Server{
		ID: ID(w.ID), SFTPChosen: w.SFTPChosen, Own: w.Own, Kind: remote.Kind(w.Kind), Version: w.Version, Username: w.Username,
		CodeExpected: w.CodeExpected, ClientID: w.ClientID, LockedUntil: w.LockedUntil, Last: State(w.Last), LastAt: w.LastAt,
		Drift: remote.Drift{Ahead: w.Ahead, At: w.ComparedAt},
	}
	var err error
	if s.Name, err = ParseName(w.Name); err != nil {
		return s, err
	}
	if s.Base, err = remote.ParseBase(w.Address); err != nil {
		return s, err
	}
	if s.SFTP, err = parseSFTP(SFTP{w.SFTPHost, w.SFTPPort}); err != nil {
		return s, err
	}
	if w.Pin != "" {
		if s.Pin, err = remote.ParseFingerprint(w.Pin); err != nil {
			return s, err
		}
	}
	if _, err = identity.ParseSessionID(w.ID); err != nil {
		return s, fmt.Errorf("id: %w", err)
	}
	if _, err = identity.ParseSessionID(w.ClientID); err != nil {
		return s, fmt.Errorf("client id: %w", err)
	}
	return s, nil
}
