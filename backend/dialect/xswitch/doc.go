// Package xswitch serves the part of the XSwitch REST API that is about
// signing in (sessions, captchas, developer keys, and the list of users by
// which its document shows that a token works) on Latchkey's core, at /xswitch
// and at the root. Its README lists every operation and where it goes beyond
// the document.
//
// It only translates: forms and JSON, the header that carries a token, answers
// whose fields stand beside their code, and the document's texts. Every rule is
// the core's.
package xswitch
