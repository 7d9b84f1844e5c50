// Package hosts knows which host keys the person trusts: it reads the files
// known_hosts as OpenSSH does, with hashed names, @revoked and @cert-authority,
// and writes what they accept into their own one.
//
// It decides nothing by itself: a host that was not seen before and one that
// shows another key are errors that carry what there is to compare. A line that
// cannot be read counts as little here as it does for ssh.
package hosts
