package xswitch

import (
	"net/http"

	"latchkey/backend/httpapi"
)

// decodeSignIn reads a sign-in from a form or from JSON.
func decodeSignIn(w http.ResponseWriter, r *http.Request) (signInRequest, error) {
	var body signInRequest
	if !httpapi.IsForm(r) {
		err := httpapi.DecodeJSON(w, r, maxBody, &body)
		return body, err
	}
	form, err := httpapi.DecodeForm(w, r, maxBody)
	if err != nil {
		return body, err
	}
	return signInRequest{
		Login: form["login"], Password: form["password"], DevKey: form["dev_key"], Captcha: form["captcha_str"], OTPCode: form["otp_code"],
	}, nil
}
