package alist

import "latchkey/backend/httpapi"

// about is what the description of the API says beside its routes.
func about() httpapi.About {
	return httpapi.About{
		Title:   "AList",
		Version: compatibleWith,
		Description: "AList's HTTP API, as far as Latchkey serves it: sign-in, second factor, devices, SFTP keys, " +
			"users, roles and sessions.\n\n" +
			"HTTP says 200 whether a request succeeded or was refused; `code` in the answer tells. A refusal is named " +
			"in the header `" + nameHeader + "`. A sign-in with the header `Client-Id` is that device again.",
		Credentials: []httpapi.Credential{{
			Name: "token", In: httpapi.InHeader, Key: "Authorization",
			Description: "The token of a sign-in, as it is or after `Bearer `.",
		}},
		Envelope:       func(data any) any { return envelope{Data: data} },
		Refusal:        envelope{},
		RefusesWith200: true,
	}
}
