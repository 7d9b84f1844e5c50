// Package httpapi is the transport kit that every HTTP dialect is served by.
// It owns what all of them need and none should decide alone: the route table
// with a permission on each route, the guard in front of it, strict JSON
// bodies, the client's address, and the server with its limits.
//
// A request passes, in this order:
//
//	listener    at most so many connections, in all and from one address; the longest waiting gives way
//	net/http    malformed HTTP, header size, header time
//	guard       request id, client address, Host, Origin, security headers, access log
//	Router      path and method, and of dialects that share a route the one chosen; otherwise 404 or 405
//	route       the dialect's Authenticate, the route's permission, the handler
//
// A handler returns an error and never writes one; the kit hands it to the
// dialect whose path was asked for. Refusals below the dialects' own rules (a
// [WireError]) have the same HTTP status in each of them and the dialect's
// envelope as body. The few that net/http makes itself, before there is a
// request, are plain text.
//
// The composition root builds it from one [Mux] per dialect; package httpapi
// knows no dialect, no envelope and no path. Several may be mounted at one
// place; [Choices] say which answers a route that they share. A route also says
// what it reads and sends, from which package openapi describes the API.
package httpapi
