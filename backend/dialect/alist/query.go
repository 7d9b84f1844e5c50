package alist

import (
	"net/http"
	"strconv"

	"latchkey/backend/identity"
)

var (
	errIDFormat = identity.NewError(identity.Invalid, "id_format_invalid", "id format invalid")
	errUIDInval = identity.NewError(identity.Invalid, "uid_format_invalid", "user id format invalid")
	errPage     = identity.NewError(identity.Invalid, "page_invalid", "page and per_page must be whole numbers.")
)

// The parameters in the query of a list, of what an id names and of somebody's
// list, as its description tells them.
type (
	pageQuery struct {
		Page    int64 `query:"page" description:"From 1; less is the first page."`
		PerPage int64 `query:"per_page" description:"Zero or less is all that may be had."`
	}
	idQuery struct {
		ID int64 `query:"id" required:"true"`
	}
	ownerQuery struct {
		pageQuery
		UID identity.UserID `query:"uid" required:"true" description:"Whose keys."`
	}
)

// queryID reads a positive number that names something; AList passes it in the
// query even where the method is POST.
func queryID(r *http.Request, name string, invalid error) (int64, error) {
	id, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	if err != nil {
		return 0, invalid
	}
	return id, nil
}

// queryPage reads page and per_page as AList does: what is missing, zero or
// negative means the first page and all that may be had, which is most.
func queryPage(r *http.Request, most int) (identity.Page, error) {
	if r.URL.RawQuery == "" {
		return identity.Page{Limit: most}, nil
	}
	q := r.URL.Query()
	page, err := number(q.Get("page"))
	if err != nil {
		return identity.Page{}, err
	}
	size, err := number(q.Get("per_page"))
	if err != nil {
		return identity.Page{}, err
	}
	if size == 0 || size > most {
		size = most
	}
	return identity.Page{Offset: (max(page, 1) - 1) * size, Limit: size}, nil
}

// pageOf is the part of a whole list that a request asks for, as it is sent.
func pageOf[T, W any](all []T, part identity.Page, wire func(T) W) page[W] {
	from := min(part.Offset, len(all))
	to := min(from+part.Limit, len(all))
	out := page[W]{Content: make([]W, to-from), Total: len(all)}
	for i, one := range all[from:to] {
		out.Content[i] = wire(one)
	}
	return out
}

// maxNumber keeps an offset, the product of two numbers, within 64 bits.
const maxNumber = 1 << 30

func number(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errPage
	}
	return int(min(max(n, 0), maxNumber)), nil
}
