// Package sshconfig writes one Host block into the person's ssh config, and
// leaves every other byte as it is. The block stands between two comments of
// ours, by which it is found again, changed and taken away.
//
// It reads no more of the config than that takes: where lines begin a block,
// and which names stand behind Host, also in the files that Include names. What
// a host comes to in the end is ssh's to say.
package sshconfig
