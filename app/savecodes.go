package app

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"latchkey/backend/companion"
	"latchkey/backend/companion/servers"
)

// RecoveryCodes are recovery codes that the person has just been shown.
type RecoveryCodes struct {
	ID    string   `json:"id"`
	Codes []string `json:"codes"`
}

// SaveCodes writes recovery codes into a file that the person chooses, and
// returns its path, or "" if they cancelled.
func (a *Account) SaveCodes(c RecoveryCodes) (string, error) {
	return ask(a.d, byPerson, func(ctx context.Context) (string, error) {
		s, err := a.d.companion.Servers.Server(ctx, servers.ID(c.ID))
		if err != nil {
			return "", err
		}
		note := codesNote(a.d.recoveryNote())
		path, err := a.d.desktop.SaveFile(dialog{Title: a.d.words().SaveCodes, Name: note.file(s.Name)})
		if err != nil || path == "" {
			return "", err
		}
		if err := companion.WriteFile(path, []byte(note.text(s, c.Codes, a.d.env.Now()))); err != nil {
			return "", err
		}
		return path, nil
	})
}

// A codesNote is the language of the file with recovery codes.
type codesNote string

func (n codesNote) file(server string) string {
	server = fileWord(server)
	if n == "zh-CN" {
		return "Latchkey 恢复码 " + server + ".txt"
	}
	return "Latchkey recovery codes " + server + ".txt"
}

// fileWord makes a name part of a file's name on every system.
func fileWord(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name)
}

// where says which server it is to somebody at another computer: the address of
// this one's own means nothing there.
func where(s servers.Server) string {
	if s.Own {
		return hostname()
	}
	return s.Base.String()
}

// text says to whoever finds it in years what it is for.
func (n codesNote) text(s servers.Server, codes []string, at time.Time) string {
	list := "    " + strings.Join(codes, "\n    ")
	if n == "zh-CN" {
		return fmt.Sprintf(`Latchkey 恢复码

%s

用途：手机或身份验证器不在身边时，登录时用其中一个代替验证码。每个只能用一次。
服务器：%s（%s）
用户名：%s
保存日期：%s

这些恢复码加上密码就能登录，请妥善保管。重新生成恢复码后，以上各码即失效。
`, list, s.Name, where(s), s.Username, at.Format("2006 年 1 月 2 日"))
	}
	return fmt.Sprintf(`Latchkey recovery codes

%s

What they are for: if your phone or authenticator app is not at hand,
one of them signs you in in the place of a code. Each works once.
Server: %s (%s)
User name: %s
Saved on: %s

With the password they open the account, so keep them safe. New recovery
codes make these useless.
`, list, s.Name, where(s), s.Username, at.Format("2 January 2006"))
}
