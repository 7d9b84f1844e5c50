package companion

import (
	"crypto/x509"
	"net/http"
	"path/filepath"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/rotation"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/vault"
	"latchkey/backend/internal/env"
)

// The files in the data folder.
const (
	VaultFile = "vault.db"
	listFile  = "servers.json"
	lastFile  = "server.last" // which one was used last

	rotationsFolder = "rotations"
)

// tokens is where the vault keeps what servers gave.
const tokens vault.Bucket = "tokens"

// Options say where things are, and what the outside world offers.
type Options struct {
	Data      string // the data folder, which need not be there
	Env       env.Env
	Keyring   vault.Keyring // nil: there is none
	Costs     vault.Costs   // of a new vault's passphrase; zero: the usual ones
	UserAgent string        // as from UserAgent

	// Own returns the transport to the server on the data folder, or nil while
	// there is none. It may be nil itself.
	Own func() http.RoundTripper

	// Shut is told that the vault has locked itself. It must neither wait nor
	// call the vault. It may be nil.
	Shut func()

	// Changed is told how servers stand. It must not call Servers. It may be nil.
	Changed func(servers.Status)

	Roots *x509.CertPool // who vouches for certificates; nil: the system's
}

// A Companion is what the desktop has on one data folder.
type Companion struct {
	Vault    *vault.Vault
	Servers  *servers.Book
	List     servers.File // what Servers reads, to be set aside if it is damaged
	Workshop *sshkeys.Workshop
	Codes    *authenticator.Book

	env       env.Env
	last      string         // the path of lastFile
	rotations rotation.Notes // in rotationsFolder
}

// Open opens what is in the data folder, and makes nothing there. The vault is
// locked as yet. The error is one of the disk.
func Open(o Options) (*Companion, error) {
	v, err := vault.Open(filepath.Join(o.Data, VaultFile), vault.Options{Env: o.Env, Keyring: o.Keyring, Costs: o.Costs, Shut: o.Shut})
	if err != nil {
		return nil, err
	}
	list := servers.NewFile(filepath.Join(o.Data, listFile), o.Env)
	return &Companion{
		Vault: v,
		Servers: servers.New(servers.Config{
			Store: list, Vault: v.Shelf(tokens), Env: o.Env, UserAgent: o.UserAgent, Roots: o.Roots, Own: o.Own, Changed: o.Changed,
		}),
		List:      list,
		Workshop:  sshkeys.NewWorkshop(o.Env),
		Codes:     authenticator.NewBook(v, o.Env),
		env:       o.Env,
		last:      filepath.Join(o.Data, lastFile),
		rotations: rotation.Notes(filepath.Join(o.Data, rotationsFolder)),
	}, nil
}

// Close lets go of connections, and locks the vault.
func (c *Companion) Close() {
	c.Servers.Close()
	c.Vault.Lock()
	c.Codes.Forget()
}
