package xswitch

import (
	"net/http"
	"strconv"
	"strings"

	"latchkey/backend/credential/captcha"
	"latchkey/backend/httpapi"
)

// newCaptcha makes a captcha. Whether there is an account of the name is not
// told.
func (h *Handler) newCaptcha(w http.ResponseWriter, r *http.Request) error {
	id, err := h.Login.NewCaptcha(r.Context(), r.URL.Query().Get("login"), httpapi.ClientAddr(r))
	if err != nil {
		return err
	}
	// The path is below where the client called: this dialect is served twice.
	return httpapi.WriteJSON(w, http.StatusOK, captchaMade{
		Message: "success", Code: ok, Data: captchaLocation{id, strings.TrimSuffix(r.URL.Path, "/") + "/" + id.String()},
	})
}

func (h *Handler) captcha(w http.ResponseWriter, r *http.Request) error {
	id, err := captcha.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	picture, err := h.Login.CaptchaPicture(id, httpapi.ClientAddr(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Content-Length", strconv.Itoa(len(picture)))
	_, _ = w.Write(picture) // the client has gone: nobody is left to tell
	return nil
}
