package app

import (
	"os"
	"path/filepath"
	"strings"
)

// newStarter follows the Desktop Application Autostart Specification.
func newStarter(settings map[string]string) (starter, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return nil, err
	}
	command := execWord(program)
	for _, arg := range startArgs(settings) {
		command += " " + execWord(arg)
	}
	return starterFile{
		path: filepath.Join(dir, "autostart", "latchkey.desktop"),
		content: "[Desktop Entry]\nType=Application\nName=Latchkey\nIcon=latchkey\n" +
			"Exec=" + command + "\nX-GNOME-Autostart-enabled=true\n",
	}, nil
}

// execWord quotes a word for Exec by the Desktop Entry Specification: its own
// quoting within that of strings, and %% for a percent sign. A line that ended
// within a word would begin another entry.
func execWord(s string) string {
	quoted := strings.NewReplacer(`\`, `\\\\`, `"`, `\\"`, "`", "\\\\`", `$`, `\\$`, `%`, `%%`, "\n", `\n`, "\r", `\r`).Replace(s)
	return `"` + quoted + `"`
}
