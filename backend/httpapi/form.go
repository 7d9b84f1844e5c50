package httpapi

import (
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

const mediaForm = "application/x-www-form-urlencoded"

var (
	errForm = invalidBody("body_not_form", "The request body is not a valid form.")
)

// IsForm reports whether the body of a request says that it is a form
// (application/x-www-form-urlencoded), which is what a browser and curl send
// unless told otherwise.
func IsForm(r *http.Request) bool {
	types := r.Header["Content-Type"]
	if len(types) != 1 {
		return false
	}
	media, params, err := mime.ParseMediaType(types[0])
	charset, given := params["charset"]
	return err == nil && media == mediaForm && (!given || strings.EqualFold(charset, "utf-8"))
}

// DecodeForm reads the body of a request, of at most limit bytes, as a form: of
// each field its value. Text must be valid UTF-8 without NUL, and no field may
// come twice. The query of the address is no part of it. Errors are those of
// [DecodeJSON].
func DecodeForm(w http.ResponseWriter, r *http.Request, limit int64) (map[string]string, error) {
	if !IsForm(r) {
		return nil, errMediaType
	}
	if err := checkEncoding(r); err != nil {
		return nil, err
	}
	body, err := readBody(w, r, limit)
	if err != nil {
		return nil, err
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errForm
	}
	out := make(map[string]string, len(values))
	for name, v := range values {
		switch {
		case len(v) > 1:
			return nil, twice(name)
		case !utf8.ValidString(name) || !utf8.ValidString(v[0]) || strings.ContainsRune(name+v[0], 0):
			return nil, errText
		}
		out[name] = v[0]
	}
	return out, nil
}

// checkEncoding refuses a body that is compressed.
func checkEncoding(r *http.Request) error {
	for _, coding := range r.Header["Content-Encoding"] {
		if !strings.EqualFold(coding, "identity") {
			return errEncoding
		}
	}
	return nil
}
