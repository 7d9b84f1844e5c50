// Package backup reads the backup files of other authenticators, and writes
// files that they read. The authenticator hands it the content of a file and
// the password that the person gave; what comes back is only read, and nothing
// is kept.
//
//	reads   Aegis, 2FAS, Ente, andOTP    plain, or encrypted with a password
//	        Bitwarden                    JSON and CSV, not encrypted
//	        Raivo, FreeOTP+              JSON
//	        KeePassXC                    CSV
//	        lists of URIs                as many apps write them, Google's exports in them too
//	writes  Aegis                        encrypted, or plain
//	        a list of URIs, a sheet of QR codes to print
//
// A file is recognised by what is in it, never by its name. It comes from
// somebody else, so its size is bounded, and also how much work its password
// may cause: a file says itself how often a password is to be stretched. An
// entry that cannot be used is listed with the reason, and does not keep the
// others from being read.
//
// Ids that other apps give their entries are not taken over, so that two the
// same harm nothing.
package backup
