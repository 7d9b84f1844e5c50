package iam

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/backend/identity"
)

// Bounds of a list.
const (
	defaultPageSize = 20
	maxPageSize     = 100
	// maxPage keeps an offset, the product of two numbers, within 32 bits.
	// What lies beyond is as empty.
	maxPage = 1 << 24
	// maxFilter bounds a filter, in bytes; nothing that can be found is longer.
	maxFilter = 256
)

var (
	errQuery    = identity.NewError(identity.Invalid, "query_invalid", "What stands after ? in the address cannot be read.")
	errPage     = identity.InvalidField("page", "page_invalid", "page must be a whole number from 1 on.")
	errPageSize = identity.InvalidField("page_size", "page_size_invalid", "page_size must be a whole number from 1 to 100.")
)

// The parameters in the query, as the description of the API tells them.
type (
	pageQuery struct {
		Page     int64 `query:"page" minimum:"1" default:"1"`
		PageSize int64 `query:"page_size" minimum:"1" maximum:"100" default:"20"`
	}
	userQuery struct {
		pageQuery
		Username string `query:"username" description:"Part of the name, whatever its case."`
		Email    string `query:"email" description:"Part of the address, whatever its case."`
		Status   string `query:"status" enum:"active,inactive,locked"`
	}
	nameQuery struct {
		pageQuery
		Name string `query:"name" description:"Part of the name, whatever its case."`
	}
	keyQuery struct {
		nameQuery
		Status string `query:"status" enum:"active,inactive,expired"`
	}
	permissionQuery struct {
		nameQuery
		Category string `query:"category" description:"The whole name of a category."`
	}
	statsQuery struct {
		TimeRange string `query:"time_range" default:"7d" description:"A number and h, d, w or m: hours, days, weeks, or months of 30 days; at most 400 days."`
	}
)

// A query is what a request asks a list for.
type query struct {
	url.Values
	page, size int
}

// readQuery reads the query and its page. It refuses what it cannot read
// rather than pass over it: a filter that is lost finds everything.
func readQuery(r *http.Request) (query, error) {
	q := query{page: 1, size: defaultPageSize}
	var err error
	if q.Values, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return q, errQuery
	}
	for _, values := range q.Values {
		if len(values) > 1 || len(values[0]) > maxFilter || !utf8.ValidString(values[0]) || strings.ContainsFunc(values[0], unicode.IsControl) {
			return q, errQuery
		}
	}
	if text := q.Get("page"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return q, errPage
		}
		q.page = int(min(n, maxPage))
	}
	if text := q.Get("page_size"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 || n > maxPageSize {
			return q, errPageSize
		}
		q.size = int(n)
	}
	return q, nil
}

// part returns which part of a list is asked for.
func (q query) part() identity.Page {
	return identity.Page{Offset: (q.page - 1) * q.size, Limit: q.size}
}

// head returns how the answer begins.
func (q query) head(total int) pageHead {
	return pageHead{Total: total, Page: q.page, PageSize: q.size}
}

// cut returns the part of a list that is at hand whole.
func cut[T any](list []T, p identity.Page) []T {
	from := min(p.Offset, len(list))
	return list[from:min(from+p.Limit, len(list))]
}

// pathID reads an id from the path. What cannot be one names nothing, and gets
// the same error as what does not exist.
func pathID[ID ~int64](r *http.Request, wildcard string, notFound error) (ID, error) {
	text := r.PathValue(wildcard)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || idText(n) != text {
		return 0, notFound
	}
	return ID(n), nil
}

// idText writes an id as this API does.
func idText[ID ~int64](id ID) string { return strconv.FormatInt(int64(id), 10) }
