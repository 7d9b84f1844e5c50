package app

import (
	"context"
	"slices"

	"latchkey/backend/companion"
	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/backup"
)

// A CodeExport says which codes to write into a file, and how.
type CodeExport struct {
	IDs      []string `json:"ids"`      // empty: all
	Format   string   `json:"format"`   // "aegis", "uris" or "sheet"
	Plain    bool     `json:"plain"`    // the person has confirmed that the file opens to anybody
	Password string   `json:"password"` // of the file, unless it is plain
}

// Export writes codes into a file that the person chooses, and returns its path,
// or "" if they cancelled. What the codes are made from does not cross to the
// page. Where a file is there already, the dialog has asked.
func (c *Codes) Export(x CodeExport) (string, error) {
	return ask(c.d, byPerson, func(ctx context.Context) (string, error) {
		list, err := c.d.companion.Codes.List(ctx)
		if err != nil {
			return "", err
		}
		if len(x.IDs) > 0 {
			list = slices.DeleteFunc(list, func(e authenticator.Entry) bool { return !slices.Contains(x.IDs, string(e.ID)) })
		}
		if len(list) == 0 {
			return "", authenticator.ErrUnknown
		}
		w := exportWords(c.d.recoveryNote())
		content, err := c.d.companion.Export(list, companion.Export{
			Format: companion.Format(x.Format), Plain: x.Plain, Password: companion.NewSecret(x.Password), Words: w.sheet(),
		})
		if err != nil {
			return "", err
		}
		path, err := c.d.desktop.SaveFile(dialog{Title: w.title(), Name: w.file(companion.Format(x.Format), x.Plain)})
		if err != nil || path == "" {
			return "", err
		}
		return path, companion.WriteFile(path, content)
	})
}

// exportWords are the language of what is exported.
type exportWords string

func (w exportWords) chinese() bool { return w == "zh-CN" }

func (w exportWords) title() string {
	if w.chinese() {
		return "导出验证码"
	}
	return "Export codes"
}

// file suggests a name. It says of a file that anybody can open that it is one.
func (w exportWords) file(f companion.Format, plain bool) string {
	name, open := "latchkey-codes", "-not-encrypted"
	if w.chinese() {
		name, open = "latchkey-验证码", "-未加密"
	}
	if plain {
		name += open
	}
	switch f {
	case companion.AsURIs:
		return name + ".txt"
	case companion.AsSheet:
		return name + ".html"
	case companion.AsAegis:
	}
	return name + ".json"
}

func (w exportWords) sheet() backup.SheetWords {
	if w.chinese() {
		return backup.SheetWords{
			Language: "zh-CN", Title: "两步验证码", Secret: "密钥：",
			Warning: "拿到这张纸的人就拥有这些验证码，请像保管护照一样保管它。",
		}
	}
	return companion.SheetWords()
}
