package openapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/swaggest/swgui/v5/static"
)

// A content is what a page sends, as it is or compressed by gzip.
type content struct {
	body   []byte
	packed bool
	etag   string
}

func plainContent(body []byte) content { return content{body: body, etag: etagOf(body)} }

func etagOf(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// send sends it, or that it is still what the client has (RFC 9110, section
// 13.1.2). Who does not take it compressed gets it unpacked.
func (c content) send(w http.ResponseWriter, r *http.Request) error {
	h, body := w.Header(), c.body
	h.Set("Etag", `"`+c.etag+`"`)
	if c.packed {
		h.Add("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			h.Set("Etag", `"`+c.etag+`-gzip"`)
		} else {
			var err error
			if body, err = unpack(c.body); err != nil {
				return err
			}
		}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}

func unpack(packed []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return io.ReadAll(z)
}

//go:embed page
var own embed.FS

// An asset is a file that the page loads: one of ours, or of the viewer,
// which comes compressed.
type asset struct {
	name, media string
	from        fs.FS
}

func assets() []asset {
	const script, style = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
	return []asset{
		{"page.js", script, own},
		{"page.css", style, own},
		{"swagger-ui-bundle.js", script, static.FS},
		{"swagger-ui-standalone-preset.js", script, static.FS},
		{"swagger-ui.css", style, static.FS},
	}
}

func (a asset) read() (content, error) {
	path, packed := "page/"+a.name, false
	if a.from == static.FS {
		path, packed = a.name+".gz", true
	}
	body, err := fs.ReadFile(a.from, path)
	if err != nil {
		return content{}, fmt.Errorf("read part of the page: %w", err)
	}
	return content{body, packed, etagOf(body)}, nil
}

// index writes the page itself, which names the APIs.
func index(names []string) (content, error) {
	t, err := template.ParseFS(own, "page/index.html")
	if err != nil {
		return content{}, fmt.Errorf("read page: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, names); err != nil {
		return content{}, fmt.Errorf("write page: %w", err)
	}
	return plainContent(b.Bytes()), nil
}
