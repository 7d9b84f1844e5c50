package xswitch

import (
	"net/http"
	"strconv"

	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
)

const (
	defaultSize = 100
	maxSize     = 1000
	maxPage     = 1 << 30 // keeps an offset within 64 bits
)

var (
	errPage = identity.InvalidField("page", "page_invalid", "page is a whole number from 1 on.")
	errSize = identity.InvalidField("page_size", "page_size_invalid", "page_size is a whole number from 1 to 1,000.")
)

// users lists whom the caller may see. The document shows it with anybody's
// token, so who may not see others sees themselves.
func (h *Handler) users(w http.ResponseWriter, r *http.Request) error {
	page, size, err := queryPage(r)
	if err != nil {
		return err
	}
	p := who(r)
	list, total := []identity.User{p.User}, 1
	if p.Can(identity.UserRead) {
		part := identity.Page{Offset: (page - 1) * size, Limit: size}
		if list, total, err = h.Accounts.Users(r.Context(), identity.UserFilter{}, part); err != nil {
			return err
		}
	} else if page > 1 {
		list = nil
	}
	out := userPage{Code: ok, Data: make([]wireUser, len(list)), Rows: total, Pages: (total + size - 1) / size, Current: page}
	for i, u := range list {
		out.Data[i] = fromUser(u)
	}
	return httpapi.WriteJSON(w, http.StatusOK, out)
}

func queryPage(r *http.Request) (page, size int, err error) {
	q := r.URL.Query()
	if page, err = number(q.Get("page"), 1, maxPage); err != nil {
		return 0, 0, errPage
	}
	if size, err = number(q.Get("page_size"), defaultSize, maxSize); err != nil {
		return 0, 0, errSize
	}
	return page, size, nil
}

// number reads a number from 1 to most, or takes the usual one.
func number(text string, usual, most int) (int, error) {
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err == nil && (n < 1 || n > most) {
		err = strconv.ErrRange
	}
	return n, err
}
