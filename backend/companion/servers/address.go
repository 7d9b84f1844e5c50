package servers

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

// An Address is what a person typed to name a server, taken apart. The zero
// Address has no candidates.
type Address struct {
	Username string // what stood before an @; a password there is dropped

	scheme string // "http", "https", or empty if none was typed
	host   string
	port   int    // 0 if none was typed
	path   string // "" or "/prefix", without the server's own pages
}

const (
	maxAddress = 1024 // bytes
	httpPort   = 5244 // AList's and Latchkey's
)

var (
	errNoAddress   = identity.InvalidField("address", "address_missing", "Enter the address of the server, such as nas.local or https://nas.example.")
	errAddress     = identity.InvalidField("address", "address_invalid", "That is not the address of a server. It looks like nas.local, 192.168.1.20:5244 or https://nas.example.")
	errSFTPAddress = identity.InvalidField("address", "address_of_sftp", "That is an address for SFTP. Enter the one that you open in a browser.")
)

// ParseAddress takes apart what people type or paste: "nas", "nas.local:5244",
// "192.168.1.20", "fe80::1%eth0", "https://nas.example/dav", the address of a
// page. Spaces around it, query and fragment do not count. Whether the server
// is there is not asked.
func ParseAddress(text string) (Address, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Address{}, errNoAddress
	}
	if len(text) > maxAddress {
		return Address{}, errAddress
	}
	scheme, rest, err := cutScheme(text)
	if err != nil {
		return Address{}, err
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	authority, path, _ := strings.Cut(rest, "/")
	user, authority := cutUser(authority)
	a := Address{scheme: scheme, Username: user}
	if a.host, a.port, err = parseAuthority(authority); err != nil {
		return Address{}, err
	}
	a.path = serverPath(path)
	return a, nil
}

func cutScheme(text string) (scheme, rest string, err error) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return "", strings.TrimPrefix(text, "//"), nil
	}
	switch scheme = strings.ToLower(scheme); scheme {
	case "http", "https":
		return scheme, rest, nil
	case "dav", "webdav":
		return "http", rest, nil
	case "davs", "webdavs":
		return "https", rest, nil
	case "sftp", "ssh":
		return "", "", errSFTPAddress
	}
	return "", "", errAddress
}

func cutUser(authority string) (user, rest string) {
	i := strings.LastIndexByte(authority, '@')
	if i < 0 {
		return "", authority
	}
	user, _, _ = strings.Cut(authority[:i], ":")
	if plain, err := url.PathUnescape(user); err == nil {
		user = plain
	}
	if _, err := ParseName(user); err != nil {
		user = ""
	}
	return user, authority[i+1:]
}

// parseAuthority accepts host and port, an IPv6 address also without brackets.
func parseAuthority(s string) (host string, port int, err error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Is6() {
		s = "[" + s + "]"
	}
	typed := strings.LastIndexByte(s, ':') > strings.LastIndexByte(s, ']')
	if !strings.Contains(s, "%25") {
		s = strings.ReplaceAll(s, "%", "%25") // the zone of an IPv6 address
	}
	b, err := remote.ParseBase("https://" + s)
	if err != nil || b.Host() == "" {
		return "", 0, errAddress
	}
	if typed {
		port = b.Port()
	}
	return b.Host(), port, nil
}

// serverPath returns the part of a path that may belong to the address of a
// server: up to the first of its own pages or routes, or to what cannot be.
func serverPath(s string) string {
	path := ""
	for segment := range strings.SplitSeq(s, "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil || strings.Contains(plain, "/") || plain == "dav" || plain == "api" || strings.HasPrefix(plain, "@") {
			break
		}
		if plain == "" {
			continue
		}
		if _, err := remote.ParseBase("https://nas" + escaped(path+"/"+plain)); err != nil {
			break
		}
		path += "/" + plain
	}
	return path
}

func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }

func (a Address) hostPort(port int) string {
	host := strings.ReplaceAll(a.host, "%", "%25")
	if port != 0 {
		return net.JoinHostPort(host, strconv.Itoa(port))
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// Candidates returns the addresses that may be meant, those by https first, in
// the order in which they are to be preferred.
func (a Address) Candidates() []remote.Base {
	var out []remote.Base
	for _, scheme := range a.schemes() {
		for _, port := range a.ports() {
			for _, path := range a.paths() {
				b, err := remote.ParseBase(scheme + "://" + a.hostPort(port) + escaped(path))
				if err == nil {
					out = append(out, b)
				}
			}
		}
	}
	return out
}

func (a Address) schemes() []string {
	if a.scheme != "" {
		return []string{a.scheme}
	}
	return []string{"https", "http"}
}

// ports puts the usual one of the web first for a name as it is on the
// internet, and for all else that of the servers of this kind.
func (a Address) ports() []int {
	_, notIP := netip.ParseAddr(a.host)
	switch {
	case a.host == "":
		return nil
	case a.port != 0:
		return []int{a.port}
	case a.scheme != "", notIP != nil && strings.Contains(a.host, ".") && !strings.HasSuffix(a.host, ".local"):
		return []int{0, httpPort}
	}
	return []int{httpPort, 0}
}

// paths are the one that was typed, its first part, as the rest may be a
// folder that was looked at, and none.
func (a Address) paths() []string {
	paths := []string{a.path}
	if i := strings.IndexByte(strings.TrimPrefix(a.path, "/"), '/'); i >= 0 {
		paths = append(paths, a.path[:i+1])
	}
	return slices.Compact(append(paths, ""))
}
