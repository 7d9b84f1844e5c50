package connect

import "latchkey/backend/identity"

// Why a connection came to nothing. Those about host keys are of package hosts.
var (
	ErrTarget = identity.InvalidField("host", "ssh_target_invalid",
		"That is no server to connect to. Write it as ann@nas.local, and give the port by itself.")
	ErrOff = identity.NewError(identity.Unavailable, "ssh_sftp_off",
		"SFTP is off for the server on this computer. Turn it on in its settings, and try again.")
	ErrName = identity.NewError(identity.Unavailable, "ssh_name_unknown",
		"No computer of that name is known. Check the name, and that you are in the right network.")
	ErrPort = identity.NewError(identity.Unavailable, "ssh_port_closed",
		"Nothing listens at that port. Check it: SFTP is usually at 22, and Latchkey's at 5222.")
	ErrUnreachable = identity.NewError(identity.Unavailable, "ssh_unreachable",
		"The server does not answer. Check that it is on, and that you are in the right network.")
	ErrNotSSH = identity.NewError(identity.Unavailable, "ssh_not_ssh",
		"Something other than an SSH server answers at that port. Check the port: SFTP is usually at 22, and Latchkey's at 5222.")
	ErrHangs = identity.NewError(identity.Unavailable, "ssh_hangs",
		"The server took the connection and then fell silent. It may be overloaded, or that is not its port for SSH. Try again in a minute.")
	ErrClosed = identity.NewError(identity.Unavailable, "ssh_closed",
		"The server closed the connection before you could sign in. It may be busy, or bar your address after failed attempts. Try again in a few minutes.")
	ErrOldAlgorithms = identity.NewError(identity.Unavailable, "ssh_algorithms",
		"The server offers only old algorithms that are not safe any more. Update the SSH server there.")
	ErrHandshake = identity.NewError(identity.Unavailable, "ssh_handshake_failed",
		"The server and this computer could not agree on how to speak SSH. Update the SSH server there.")
	ErrRefused = identity.NewError(identity.Unauthenticated, "ssh_key_refused_there",
		"The server does not let this key in. Upload its public half there, and check the user name.")
	ErrRefusedSFTP = identity.NewError(identity.PermissionDenied, "ssh_sftp_not_allowed",
		"The server knows you, but the account may not use SFTP. Ask its administrator to allow that.")
	ErrRefusedExpired = identity.NewError(identity.Unauthenticated, "ssh_key_expired_there",
		"By the clock of the server this key has expired. Have its limit there put off, or use another key; if it should still be good, have the server's clock set.")
	ErrRefusedTold = identity.NewError(identity.Unauthenticated, "ssh_refused_told",
		"The server does not let you in.")
	ErrPassword = identity.NewError(identity.Unauthenticated, "ssh_password_refused",
		"The server does not take that password for that user, or takes none at all. Check both.")
	ErrNoMethod = identity.NewError(identity.Unauthenticated, "ssh_no_identity",
		"There is no key to sign in with: the SSH agent is empty, and no key file was named. Name one with its path.")
	ErrNoSFTP = identity.NewError(identity.PermissionDenied, "ssh_no_sftp",
		"You are signed in, but the server starts no SFTP for this account. Ask its administrator to allow SFTP.")
	ErrLost = identity.NewError(identity.Unavailable, "ssh_connection_lost",
		"The connection broke off. Try again.")
	ErrAuthorizedKeys = identity.NewError(identity.Conflict, "ssh_authorized_keys_odd",
		"The file of keys on the server is not one that can be added to: it is too large, or no plain file. Look at ~/.ssh/authorized_keys there.")
	ErrWrite = identity.NewError(identity.PermissionDenied, "ssh_upload_denied",
		"The server does not let you write the file of your keys. Ask its administrator.")
)
