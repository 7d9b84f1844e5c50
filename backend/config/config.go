// Package config is what the person decides about their server. It owns the
// settings, their defaults, where they come from and the rules they must meet,
// and it is the only package that reads the environment. The command line and
// the window load it once and hand it to the composition root as a value.
//
// A setting has one name everywhere: lan in the file, LATCHKEY_LAN in the
// environment, --lan as a flag. Later layers win:
//
//	defaults → file → environment → flags
//
// The file is FILE of --config or LATCHKEY_CONFIG, otherwise latchkey.toml in
// the data folder if it is there. It is flat TOML. The layers are merged here
// rather than by a library because what matters most about a wrong setting is
// to name the layer, and in a file the line, that it stands in.
package config

import (
	"log/slog"
	"net/netip"

	"latchkey/backend/internal/secret"
)

// Off is the address of a listener that is turned off.
const Off = "off"

// A Config is the settings of a server. One that [Load] returned is valid.
type Config struct {
	// Data is the data folder, as an absolute path.
	Data string

	// Files is where people's files go, as it was set; see FilesFolder.
	Files string

	// HTTP and SFTP are the addresses to listen on: host and port, the host an
	// IP address, localhost, or empty for every interface; port 0 picks a free
	// one. Or Off.
	HTTP, SFTP string

	// LAN says that other machines may reach the server.
	LAN bool

	// Insecure allows plain HTTP beyond this machine.
	Insecure bool

	// Cert and Key name the files of the person's own TLS certificate.
	Cert, Key string

	// Hosts are further names that clients call the server by, in lower case,
	// each for any port or with one: "nas.example", "nas.example:8443".
	Hosts []string

	// AllowedOrigins are the sites whose pages may use the API, as browsers
	// write them: "https://app.example".
	AllowedOrigins []string

	// TrustedProxies are the addresses of reverse proxies.
	TrustedProxies []netip.Prefix

	LogLevel  slog.Level
	LogFormat string // "text" or "json"

	// PasswordMin is the least number of characters of a new password.
	PasswordMin int

	// AdminPassword is for the first start. It comes from the environment only,
	// as a file is kept and a command line is seen by everybody on the machine.
	AdminPassword secret.Text

	SiteTitle string

	// AllowRegistration lets whoever reaches the server make themselves an
	// account.
	AllowRegistration bool

	// LinkHours is how long the address of a file can be opened without
	// signing in, from when it was asked for.
	LinkHours int

	// SMTP is the server that mail goes out through, as host:port. Without one
	// there is no mail.
	SMTP         string
	SMTPUser     string // empty: the server asks for nobody
	SMTPPassword secret.Text
	SMTPFrom     string // the sender: nas@home.example, or a name with that in angle brackets
	SMTPSecurity string // "starttls", "tls" or "none"
}

// Default returns the settings of somebody who has set nothing, but for the
// addresses and the data folder, which depend on others.
func Default() Config {
	return Config{
		LogLevel:     slog.LevelInfo,
		LogFormat:    "text",
		PasswordMin:  8,
		LinkHours:    24,
		SiteTitle:    "Latchkey",
		SMTPSecurity: "starttls",
	}
}

// TLS reports whether HTTP is to be served by TLS: where the person brings a
// certificate, and beyond this machine unless they said that it may be plain.
func (c Config) TLS() bool {
	return c.Cert != "" || BeyondLoopback(c.HTTP) && !c.Insecure
}
