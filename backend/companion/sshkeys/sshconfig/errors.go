package sshconfig

import "latchkey/backend/identity"

// What can be wrong with an entry, and with the file.
var (
	ErrAlias = identity.InvalidField("host", "ssh_config_alias",
		"That cannot be a short name for a server. Use letters, digits and . _ - and begin with a letter or digit.")
	ErrHostName = identity.InvalidField("hostname", "ssh_config_hostname",
		"That is not the name or address of a server. Use something like nas.local or 192.168.1.20.")
	ErrPort = identity.InvalidField("port", "ssh_config_port", "A port is a number from 1 to 65535.")
	ErrUser = identity.InvalidField("user", "ssh_config_user",
		"That user name cannot stand in an ssh config. It must not have spaces, quotes or characters that do not show.")
	ErrIdentity = identity.InvalidField("identity", "ssh_config_identity",
		"The path of the key has a character that cannot stand in an ssh config, such as a quote or a line end. Move the key.")
	ErrTaken = &identity.Error{Kind: identity.Conflict, Code: "ssh_config_taken", Field: "host",
		Message: "Your ssh config has an entry of that name that Latchkey did not write, and it was left as it is. Choose another name, or change that entry by hand."}
	ErrMarkers = identity.NewError(identity.Conflict, "ssh_config_markers",
		"The comments around Latchkey's entry in your ssh config have been changed, so the file was left as it is. Remove what is left of that entry by hand, and try again.")
	ErrLarge = identity.NewError(identity.Invalid, "ssh_config_large",
		"Your ssh config, or a file that it includes, is larger than 1 MB or no plain file. It was left as it is.")
	ErrChangedMeanwhile = identity.NewError(identity.Conflict, "ssh_config_changed",
		"Your ssh config has changed since it was shown, so nothing was written. Look at it again.")
	ErrNoEntry = identity.NewError(identity.NotFound, "ssh_config_no_entry",
		"Your ssh config has no entry of that name that Latchkey wrote.")
)
