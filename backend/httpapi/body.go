package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"latchkey/backend/identity"
)

// DecodeJSON reads the body of a request, of at most limit bytes, into the struct
// that dst points to. It takes exactly one JSON object of at most 32 levels in
// valid UTF-8 without NUL, sent as application/json; names match whatever their
// case, but none may come twice, and unknown ones are ignored, as is a null.
//
// The error is a [WireError] if the body could not be read, otherwise an
// identity.Error of kind Invalid that names the field where it is known.
func DecodeJSON(w http.ResponseWriter, r *http.Request, limit int64, dst any) error {
	if err := checkBodyHeaders(r); err != nil {
		return err
	}
	body, err := readBody(w, r, limit)
	if err != nil {
		return err
	}
	if err := checkJSON(body); err != nil {
		return err
	}
	return explain(json.Unmarshal(body, dst), reflect.TypeOf(dst))
}

var (
	errMediaType = wire(http.StatusUnsupportedMediaType, identity.Invalid, "media_type_unsupported",
		"Send the request body as JSON, with the header Content-Type: application/json.")
	errEncoding = wire(http.StatusUnsupportedMediaType, identity.Invalid, "content_encoding_unsupported",
		"Send the request body without compression.")
	errBodyLarge = closing(http.StatusRequestEntityTooLarge, "body_too_large",
		"The request body is too large.")
	errBodySlow = closing(http.StatusRequestTimeout, "body_too_slow",
		"The request body took too long to arrive; try again.")
	errBodyBroken = closing(http.StatusBadRequest, "body_incomplete",
		"The request body did not arrive whole; try again.")
	errValue = identity.NewError(identity.Invalid, "field_invalid",
		"A value in the request body is not of the expected form.")
)

func checkBodyHeaders(r *http.Request) error {
	if !isJSON(r.Header["Content-Type"]) {
		return errMediaType
	}
	return checkEncoding(r)
}

func isJSON(types []string) bool {
	if len(types) != 1 {
		return false
	}
	if types[0] == "application/json" {
		return true
	}
	media, params, err := mime.ParseMediaType(types[0])
	charset, given := params["charset"]
	return err == nil && media == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, errBodyLarge // before the client is told to go on and send it
	}
	var buf bytes.Buffer
	buf.Grow(int(max(r.ContentLength, 0)) + bytes.MinRead)
	_, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
	if err == nil {
		return buf.Bytes(), nil
	}
	return nil, bodyError(err)
}

// explain says what is wrong with a value of a body that is JSON and meant for a
// type, in words that tell nothing of our types.
func explain(err error, dst reflect.Type) error {
	if err == nil {
		return nil
	}
	if own, ok := errors.AsType[*identity.Error](err); ok {
		return own
	}
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok || wrong.Field == "" {
		return errValue
	}
	field := withoutEmbedded(dst, wrong.Field)
	return identity.InvalidField(field, "field_type", "The field "+field+" must be "+expected(wrong)+".")
}

// withoutEmbedded takes out of the path of a field the structs that stand
// embedded in others: encoding/json names them, but a body has no such fields.
func withoutEmbedded(t reflect.Type, path string) string {
	var kept []string
	for name := range strings.SplitSeq(path, ".") {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			kept = append(kept, name)
			continue
		}
		if f, ok := t.FieldByName(name); ok && f.Anonymous {
			t = f.Type
			continue
		}
		kept = append(kept, name)
		for f := range t.Fields() {
			if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); strings.EqualFold(tag, name) {
				t = f.Type
			}
		}
	}
	return strings.Join(kept, ".")
}

// expected describes what a field takes.
func expected(e *json.UnmarshalTypeError) string {
	switch e.Type.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number of ordinary size"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		if digits, ok := strings.CutPrefix(e.Value, "number "); ok && !strings.ContainsAny(digits, ".eE-") {
			return "a smaller number"
		}
		return "a whole number"
	}
}
