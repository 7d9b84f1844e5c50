package app

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
)

// newStarter writes a launch agent.
func newStarter(settings map[string]string) (starter, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, err
	}
	var args strings.Builder
	for _, arg := range append([]string{program}, startArgs(settings)...) {
		args.WriteString("<string>")
		if err := xml.EscapeText(&args, []byte(arg)); err != nil {
			return nil, err
		}
		args.WriteString("</string>")
	}
	return starterFile{
		path: filepath.Join(home, "Library", "LaunchAgents", "latchkey.plist"),
		content: `<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>Label</key><string>latchkey</string>` +
			`<key>RunAtLoad</key><true/><key>ProgramArguments</key><array>` + args.String() + "</array></dict></plist>\n",
	}, nil
}
