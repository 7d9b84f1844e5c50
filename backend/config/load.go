package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"latchkey/backend/internal/secret"
)

const (
	envPrefix   = "LATCHKEY_"
	defaultFile = "latchkey.toml"

	httpPort = ":5244"
	sftpPort = ":5222"

	// These two decide where the others are looked for.
	dataSetting   = "data"
	configSetting = "config"

	adminPassword = "ADMIN_PASSWORD"
)

// A layer is what one source says, by setting name.
type layer map[string]entry

type entry struct {
	text  string
	where string // such as "--lan" or "lan in latchkey.toml, line 3"
}

// Load reads the settings. The flags are those given on the command line, by
// setting name ("log_level", and "config" for the file), with commas between
// the items of a list. A variable that is empty counts as not set. The error
// tells everything that is wrong at once, one line each.
func Load(flags map[string]string) (Config, error) {
	top, env := flagLayer(flags), envLayer()
	file, err := settingsFile(top, env).read()
	c, wrong := merge(file, env, top)
	return c, errors.Join(err, wrong)
}

// Overrides tells which settings no file decides, and what does: flags, given
// as to Load, or the environment. It maps "lan" to "LATCHKEY_LAN" or "--lan".
func Overrides(flags map[string]string) map[string]string {
	by := map[string]string{}
	for _, l := range []layer{envLayer(), flagLayer(flags)} {
		for name, e := range l {
			by[name] = e.where
		}
	}
	return by
}

// merge puts layers on the defaults, the last on top.
func merge(layers ...layer) (Config, error) {
	c := Default()
	c.AdminPassword = secret.New(os.Getenv(envPrefix + adminPassword))
	var problems []error
	for _, l := range layers {
		problems = append(problems, c.apply(l))
	}
	problems = append(problems, c.complete(), c.Validate())
	return c, errors.Join(problems...)
}

func flagLayer(flags map[string]string) layer {
	l := layer{}
	for name, text := range flags {
		l[name] = entry{text, "--" + strings.ReplaceAll(name, "_", "-")}
	}
	return l
}

func envLayer() layer {
	l := layer{}
	for _, name := range append(names(), configSetting) {
		variable := envPrefix + strings.ToUpper(name)
		if text := os.Getenv(variable); text != "" {
			l[name] = entry{text, variable}
		}
	}
	return l
}

// apply sets what a layer says. What is wrong stays as it was.
func (c *Config) apply(l layer) error {
	var problems []error
	for _, s := range settings() {
		e, said := l[s.name]
		if !said {
			continue
		}
		if err := s.set(c, e.text); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", e.where, err))
		}
	}
	return errors.Join(problems...)
}

// complete fills in what depends on other settings.
func (c *Config) complete() error {
	if c.HTTP == "" {
		c.HTTP = defaultAddr(c.LAN, httpPort)
	}
	if c.SFTP == "" {
		c.SFTP = defaultAddr(c.LAN, sftpPort)
	}
	if c.Data == "" {
		home, err := DefaultFolder()
		if err != nil {
			return err
		}
		c.Data = home
	}
	data, err := filepath.Abs(c.Data)
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	c.Data = data
	return nil
}

// IsDefault reports whether an address is one that is listened on unless a
// setting says otherwise.
func (c Config) IsDefault(addr string) bool {
	return addr == defaultAddr(c.LAN, httpPort) || addr == defaultAddr(c.LAN, sftpPort)
}

func defaultAddr(lan bool, port string) string {
	if lan {
		return port
	}
	return "127.0.0.1" + port
}

// DefaultFolder is the data folder of somebody who named none.
func DefaultFolder() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("data: this user has no folder for settings (%w); say where data goes with --data DIR", err)
	}
	return filepath.Join(dir, "latchkey"), nil
}
