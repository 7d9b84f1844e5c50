// Package dialecttest replays recorded exchanges on a composed server: the
// real routes, guard, services and database, with a clock that the recording
// moves. It also holds a dialect to its route table. The test of each dialect
// calls it, and that of the composed server; it knows no dialect's envelope.
//
// A recording is a txtar file, testdata/*.txtar, about one behaviour. Its
// comment says which; its sections are played in order:
//
//	-- settings --                settings of the server, in TOML; first of all, in a recording and in the scene it begins with
//	-- scene people --            play testdata/scenes/people.txtar first
//	-- from 192.0.2.7 --          the client's address from here on
//	-- advance 10m --             move the clock
//	-- sftp bob laptop --         bob opens a connection over SFTP with a key of that title
//	-- restart --                 stop the server and start it on the same data
//	-- 1 request: a wrong code -- HTTP as it is sent: method and path, headers, an empty line, the body
//	-- 1 response --              status, headers to compare, an empty line, the body
//	-- 2 response: same as 1 --   byte by byte the same answer
//
// Host and Content-Length are filled in. Paths are written without the prefix
// that the dialect is mounted at; one after an @, as in @/alist/api/me, is in
// full, and nothing is asked of the answer's envelope. A body in JSON is compared by value, field
// by field, none more and none fewer.
//
// What varies from run to run is written in angle brackets. In an expected
// answer:
//
//	<any> <int> <hex32> <time> <fingerprint>   anything, or anything of that form
//	<phone>          the first time keeps the text as "phone"; after that it must be the same
//	<hex32 phone>    both
//
// Two names never stand for one text, so that what must be unique is seen to
// be. In a request:
//
//	<phone>          what was kept
//	<otp secret>     the code of RFC 6238 for what was kept as "secret", now
//	<otp secret +1>  and one time step later
//
// and in both:
//
//	<repeat 40 [>    a text many times over
//
// With -update the expected answers are rewritten by what was answered. What
// stood in angle brackets stays there where it still fits, and what was kept
// is written by its name.
package dialecttest
