package app

import (
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
)

// A NewServer is what a person adds to the list.
type NewServer struct {
	Address     string `json:"address"`
	Name        string `json:"name"`
	Fingerprint string `json:"fingerprint"` // of a certificate that they have accepted
	Username    string `json:"username"`
}

// A NameChange gives a server another name.
type NameChange struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// An SFTPChange says where a server's files are reached.
type SFTPChange struct {
	ID   string `json:"id"`
	Host string `json:"host"`
	Port int    `json:"port"`
}

// An AddressChange moves a server.
type AddressChange struct {
	ID          string `json:"id"`
	Address     string `json:"address"`
	Fingerprint string `json:"fingerprint"` // of a certificate that the person has accepted
}

// An Acceptance is what a person says of a certificate.
type Acceptance struct {
	ID       string `json:"id"`
	Accepted string `json:"accepted"` // before; for Replace
	Shown    string `json:"shown"`
}

// A Found is a server that answers at an address that somebody typed.
type Found struct {
	Address     string       `json:"address"`
	Kind        string       `json:"kind"`
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	Name        string       `json:"name"` // one that is free
	Username    string       `json:"username"`
	Plain       bool         `json:"plain"`
	TriedTLS    bool         `json:"triedTLS"`
	Certificate *Certificate `json:"certificate"` // nil without TLS
}

// A Certificate is what a server shows, for a person to compare.
type Certificate struct {
	Fingerprint string   `json:"fingerprint"`
	Names       []string `json:"names"`
	Issuer      string   `json:"issuer"`
	NotBefore   int64    `json:"notBefore"`
	NotAfter    int64    `json:"notAfter"`
	Doubt       string   `json:"doubt"` // why the system does not vouch for it
}

func toFound(f servers.Found) Found {
	out := Found{
		Address: f.Base.String(), Kind: string(f.Server.Kind), Version: f.Server.Version, Title: f.Server.Title,
		Name: f.Name, Username: f.Username, Plain: f.Plain, TriedTLS: f.TriedTLS,
	}
	if f.Certificate.Fingerprint != "" {
		c := toCertificate(f.Certificate)
		out.Certificate = &c
	}
	return out
}

func toCertificate(c remote.Certificate) Certificate {
	return Certificate{
		Fingerprint: string(c.Fingerprint), Names: append([]string{}, c.Names...), Issuer: c.Issuer,
		NotBefore: millis(c.NotBefore), NotAfter: millis(c.NotAfter), Doubt: string(c.Doubt),
	}
}
