package httpapi

import (
	"fmt"
	"math"
	"net/http"
	"strconv"

	"latchkey/backend/identity"
)

// Bounds are the least and the greatest whole number that will do.
type Bounds struct{ Min, Max int64 }

// QueryInt returns a whole number from the query of a URL, or def if the
// parameter is absent or empty. The first of several counts. Anything but
// digits, with a minus before them or not, and anything out of bounds is
// an Invalid error that names the parameter.
func QueryInt(r *http.Request, name string, def int64, in Bounds) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return def, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || text[0] == '+' || n < in.Min || n > in.Max {
		return 0, identity.InvalidField(name, "parameter_invalid", in.sentence(name))
	}
	return n, nil
}

func (in Bounds) sentence(name string) string {
	if in.Max == math.MaxInt64 {
		return fmt.Sprintf("The parameter %s must be a whole number from %d.", name, in.Min)
	}
	return fmt.Sprintf("The parameter %s must be a whole number from %d to %d.", name, in.Min, in.Max)
}
