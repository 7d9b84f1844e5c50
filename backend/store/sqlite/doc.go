// Package sqlite is the default storage engine: one SQLite file in pure Go.
// The composition root opens it; everybody else knows it as a store.Store.
//
// All writes go through one connection, in BEGIN IMMEDIATE transactions that
// are synced to disk before a method returns. Methods that wait for the
// connection at the same moment share a transaction, each in a savepoint of
// its own. Reads go through a few connections of their own and see the last
// commit (write-ahead log, so readers and the writer do not wait for each
// other). Once begun, a write is not cancelled with its context, so nobody is
// left in doubt whether it was done; lists and Check are.
//
// Several processes may open one file: the server and an administrator's
// commands. Each write that others must hear of increases the number in the
// table revision, which every open Store reads ten times a second; Version is
// that number. (PRAGMA data_version would also tell of sign-ins, and on a
// connection other than the writer's of one's own.) Totals of lists are kept
// by triggers in the table totals, so that no page costs a count of all rows.
//
// Any part of a user's name or address, or of a key's name, is found through
// an index of all sequences of three characters (FTS5, trigram), which costs
// what is found and not what is kept. LIKE was rejected: it reads every row,
// and holds letters beyond ASCII to be of different case. Shorter text is
// looked for row by row.
//
// Open refuses what is missing, empty, cut, damaged, newer or not Latchkey's
// before it opens the file for writing, and leaves it as it was.
//
// Nothing else in the process may open the file while a Store has it open:
// closing any descriptor of a file drops the locks that SQLite holds on it
// (POSIX, fcntl), and with them the protection from other processes.
package sqlite
