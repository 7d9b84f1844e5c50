// Package files keeps people's files: one folder tree for everybody, of which
// each person sees the part below their base path. Whatever serves files, over
// SFTP or HTTP, goes through a Tree.
//
// # Confinement
//
// A Tree works on an os.Root that was opened at the base path, so the
// operating system keeps every step inside it, also while folders are moved
// under it. No decision rests on comparing path texts. Symbolic links that
// another program has put there are followed inside the tree and refused when
// they lead out of it; this package makes none, neither symbolic nor hard, and
// does not write through one. What is not a regular file or a folder is never
// opened.
//
// # Writing
//
// New content goes to a temporary file in the folder of its target and takes
// the target's name when it is complete and on the disk: until then an earlier
// file stays whole, and a mounted disk below the files folder is no obstacle.
// An earlier file's mode stays. Temporary files have reserved names, which no
// list shows and no path may contain. A note of each lies in a hidden folder
// at the top while it is in use, so that Open finds what a crash has left
// behind without walking the tree.
//
// OpenExisting is the exception: it changes a file in place, which is what
// resuming an upload means.
//
// Two writers of one file do not mix: each has its own temporary file, and the
// one that closes last wins. All changes of names in a Store take turns, so
// that what checks for a free name can rely on it among our own clients.
//
// # Room
//
// A reserve stays free on every disk: 64 MiB or 1 % of it, whichever is more,
// but at most half. Create, Mkdir and writing answer disk_full when they would
// go below, also writing in place; making things shorter or removing them
// always works. All uploads together are checked every few MiB, so what is on
// its way at that moment may still reach into the reserve.
//
// Somebody's files may have a limit, in bytes: see Store.TreeFor. What
// begins with a known size is refused before it is sent, anything else as soon
// as it does not fit, and what is on its way counts with what it was promised,
// so that many writers at once do not exceed it. What replaces a file may take
// its room, but all that is on its way must fit into the limit by itself, too.
// An open file that was moved or removed does not grow any more.
//
// A Meter tells how much people use. That of a Store is told of each change and
// walks a folder anew every ten minutes at most, as other programs may put
// files there; one without a Store only walks.
//
// # Trash
//
// Trash puts something where nobody sees it, by one rename: into a hidden
// folder at the top of its tree, each thing with a record of where it was.
// Restore gives it its path back, or one beside it that is free, and
// PurgeTrash removes what lies there for TrashKept. A crash leaves a thing in
// its place or in the trash, whole; a record without a thing goes with the next
// purge, and a thing without a record can be restored to the top. What lies
// there counts as its owner's files: otherwise whoever throws away and uploads
// by turns could fill the disk. Rejected: one trash for all, which is on
// another disk than some of the people, and would need a rename from one
// os.Root to another.
//
// # Protected folders
//
// A folder may be behind a password, which somebody else keeps: see Keeper. A
// Tree that has a Pass asks it before anything in such a folder is looked at or
// changed, by whatever path it is reached, and refuses what is there and what is
// not alike. The nearest protected folder counts that reaches as far. What takes
// a whole folder, such as moving it, needs what opens each one in it.
//
// A pass is asked for a path, but what is done is done where a folder or file was
// opened. So while something is protected a tree whose top was moved is refused
// (ErrTopMoved), as a Part always is, and whoever holds something open asks it
// from time to time whether it is still there (File.Still).
//
// # Names
//
// Bytes of a name stay as they came. But who asks for "é" in one encoding
// (Unicode TR 15) finds what is there in the other: people cannot see that they
// are two. A new name must work on every system: see checkNew.
//
// A path has at most 256 names, and a folder is not moved to where something in
// it would have more. What depends on how much somebody has in a folder is done
// before or after the turn of those who change names, never in it.
//
// This package decides no rights; its callers do. Its errors are
// identity.Errors that never show where the files folder is.
package files
