package app

import (
	"context"
	"fmt"
	"time"

	"latchkey/backend/companion"
	"latchkey/backend/companion/servers"
)

// A ShownDevKey is a developer key that the person has just been shown.
type ShownDevKey struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Text string `json:"text"`
}

// SaveDevKey writes a developer key into a file that the person chooses, and
// returns its path, or "" if they cancelled.
func (a *Account) SaveDevKey(k ShownDevKey) (string, error) {
	return ask(a.d, byPerson, func(ctx context.Context) (string, error) {
		s, err := a.d.companion.Servers.Server(ctx, servers.ID(k.ID))
		if err != nil {
			return "", err
		}
		note := devKeyNote(a.d.recoveryNote())
		path, err := a.d.desktop.SaveFile(dialog{Title: a.d.words().SaveDevKey, Name: note.file(k.Name)})
		if err != nil || path == "" {
			return "", err
		}
		if err := companion.WriteFile(path, []byte(note.text(s, k, a.d.env.Now()))); err != nil {
			return "", err
		}
		return path, nil
	})
}

// A devKeyNote is the language of the file with a developer key.
type devKeyNote string

func (n devKeyNote) file(name string) string {
	name = fileWord(name)
	if n == "zh-CN" {
		return "Latchkey 开发者密钥 " + name + ".txt"
	}
	return "Latchkey developer key " + name + ".txt"
}

// text says to whoever finds it in years what it is for. The key stands alone
// in its line, so that a script can find it.
func (n devKeyNote) text(s servers.Server, k ShownDevKey, at time.Time) string {
	if n == "zh-CN" {
		return fmt.Sprintf(`Latchkey 开发者密钥

%s

用途：供脚本使用，在 XSwitch API 上代替密码。谁拿到它，谁就能以您的身份操作，请妥善保管。
名称：%s
服务器：%s（%s）
用户名：%s
保存日期：%s

如果它可能已被他人看到，请在 Latchkey 的“账号”中删除它，或运行：latchkey devkey delete
`, k.Text, k.Name, s.Name, where(s), s.Username, at.Format("2006 年 1 月 2 日"))
	}
	return fmt.Sprintf(`Latchkey developer key

%s

What it is for: it stands in for the password of a script on the XSwitch
API. Whoever has it can act as you, so keep it safe.
Name: %s
Server: %s (%s)
User name: %s
Saved on: %s

If somebody else may have seen it, delete it in Latchkey under Account, or
with: latchkey devkey delete
`, k.Text, k.Name, s.Name, where(s), s.Username, at.Format("2 January 2006"))
}
