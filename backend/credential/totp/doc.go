// Package totp owns the second factor: time-based one-time passwords by
// RFC 6238 with SHA-1, six digits and thirty seconds, which is what every
// authenticator understands, and the recovery codes that stand in for a lost
// one. The account service sets them up, the sign-in pipeline checks them.
//
// It tells which time step a code belongs to and remembers nothing: that a
// step is spent only once is for the store to keep.
package totp
