package dialecttest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// local is where the connections come in.
const local = "127.0.0.1:5244"

// parseRequest turns the text of a request into what a server would get from
// an address. The path is put below prefix.
func parseRequest(ctx context.Context, text, prefix string, from netip.AddrPort) (*http.Request, error) {
	head, body, _ := strings.Cut(text, "\n\n")
	body = strings.TrimSuffix(body, "\n")
	lines := strings.Split(strings.TrimSuffix(head, "\n"), "\n")
	method, path, ok := strings.Cut(lines[0], " ")
	if !ok || !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("%q is not a method and a path", lines[0])
	}
	lines[0] = method + " " + prefix + path + " HTTP/1.1"
	lines = fill(lines, "Host", local)
	if body != "" || method == http.MethodPost {
		lines = fill(lines, "Content-Length", strconv.Itoa(len(body)))
	}
	raw := strings.Join(lines, "\r\n") + "\r\n\r\n" + body
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		return nil, fmt.Errorf("request %q: %w", lines[0], err)
	}
	r.RemoteAddr = from.String()
	addr, err := net.ResolveTCPAddr("tcp", local)
	if err != nil {
		return nil, err
	}
	return r.WithContext(context.WithValue(ctx, http.LocalAddrContextKey, addr)), nil
}

// fill adds a header unless it is there, or for a length, another framing.
func fill(lines []string, name, value string) []string {
	for _, l := range lines[1:] {
		given, _, _ := strings.Cut(l, ":")
		if strings.EqualFold(given, name) || name == "Content-Length" && strings.EqualFold(given, "Transfer-Encoding") {
			return lines
		}
	}
	return append(lines, name+": "+value)
}
