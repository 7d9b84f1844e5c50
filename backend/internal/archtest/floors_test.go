package archtest

import (
	"fmt"
	"slices"
	"testing"
)

// floors is the house from the ground up. A room uses rooms on lower floors;
// on its own floor it uses none, except among the services.
var floors = [][]string{
	{"backend/identity", "build"}, // build has what is run while building, and nothing of the program
	{"backend/internal"},
	{"backend/companion/passphrase"},
	{"backend/store", "backend/credential", "backend/config", "backend/companion/vault", "backend/companion/sshkeys", "backend/companion/remote", "backend/companion/qr", "backend/companion/screen", "backend/companion/camera"},
	{"backend/companion/servers", "backend/companion/authenticator"}, // below the services: what the desktop does reaches a server through remote only
	{"backend/companion/intake", "backend/companion/transfer"},
	{"backend/companion"},
	{"backend/account", "backend/apikey", "backend/audit", "backend/files", "backend/folderpassword", "backend/link", "backend/mail", "backend/session", "backend/task", "backend/throttle", "backend/token"},
	{"backend/login"},
	{"backend/httpapi"},
	{"backend/dialect", "backend/sftpserver"},
	{"backend/server"},
	{"frontend"},
	{"backend/cli", "app"}, // two faces of one companion
	{"."},
}

const services = 7 // the floor whose rooms know each other

// upstairs reports imports against the arrows of the house.
func upstairs(t *tree) []finding {
	var out []finding
	for _, f := range t.code() {
		from, room := floorOf(f.dir())
		if from < 0 {
			out = append(out, finding{f.dir(), f.path, "this folder is on no floor of the house: give it one in floors_test.go"})
			continue
		}
		for _, spec := range f.ast.Imports {
			dir, ok := ours(importPath(spec))
			if !ok {
				continue
			}
			to, other := floorOf(dir)
			switch {
			case to > from:
				out = append(out, finding{f.dir(), t.at(spec.Pos()), fmt.Sprintf("%s imports %s, which is above it", room, dir)})
			case to == from && room != other && from != services:
				out = append(out, finding{f.dir(), t.at(spec.Pos()), fmt.Sprintf("%s imports %s, its neighbour", room, dir)})
			}
		}
	}
	return out
}

// floorOf returns the floor and the room that a folder belongs to, or -1.
func floorOf(dir string) (floor int, room string) {
	for floor, rooms := range floors {
		i := slices.IndexFunc(rooms, func(room string) bool { return within(dir, room) })
		if i >= 0 {
			return floor, rooms[i]
		}
	}
	return -1, dir
}

// TestFloorsAreLivedIn keeps the plan of the house from naming rooms that are
// gone: a rule about such a room would hold for ever.
func TestFloorsAreLivedIn(t *testing.T) {
	house := openHouse(t)
	for _, rooms := range floors {
		for _, room := range rooms {
			if !slices.ContainsFunc(house.code(), func(f *file) bool { return within(f.dir(), room) }) {
				t.Errorf("no code in %s: take it off its floor", room)
			}
		}
	}
}
