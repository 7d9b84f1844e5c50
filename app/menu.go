//go:build dev || production || bindings

package app

import (
	goruntime "runtime"

	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/menu/keys"
)

// hasMenu says whether there is a menu. On Linux there is none, as few programs
// have one there and Wails cannot change it while the program runs: the old
// menu's keys stay and crash (wails 2.16, linux/menu.go). The page has all its
// commands, by the same keys.
const hasMenu = goruntime.GOOS != "linux"

// menu is the application's menu. Its items are commands of the page, which
// also answers to the keys where a system shows no menu.
func (w *window) menu(words words) *menu.Menu {
	command := func(name string) menu.Callback { return func(*menu.CallbackData) { w.Emit(eventCommand, name) } }
	m := menu.NewMenu()
	if goruntime.GOOS == "darwin" {
		m.Append(menu.AppMenu())
		m.Append(menu.EditMenu()) // without it nothing can be pasted there
	}
	own := m.AddSubmenu(words.Latchkey)
	own.AddText(words.Commands, keys.CmdOrCtrl("k"), command("palette"))
	own.AddText(words.Settings, keys.CmdOrCtrl(","), command("settings"))
	own.AddText(words.Lock, keys.CmdOrCtrl("l"), command("lock"))
	own.AddSeparator()
	own.AddText(words.Quit, keys.CmdOrCtrl("q"), func(*menu.CallbackData) { w.desk.askToQuit() })
	view := m.AddSubmenu(words.View)
	for i, item := range []struct{ text, view string }{
		{words.Codes, "codes"}, {words.Files, "files"}, {words.Devices, "devices"}, {words.Keys, "keys"}, {words.Account, "account"}, {words.Servers, "servers"},
	} {
		view.AddText(item.text, keys.CmdOrCtrl(string(rune('1'+i))), command("view:"+item.view))
	}
	m.AddSubmenu(words.Help).AddText(words.Shortcuts, keys.Key("f1"), command("shortcuts"))
	return m
}
