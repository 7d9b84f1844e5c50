package app

// words are the texts that do not stand on the page: the menu's, the tray's and
// those of the system's dialogs. The page has its own catalogue.
type words struct {
	Latchkey, View, Help                 string
	Open, Quit, Lock, Settings, Commands string
	Codes, Devices, Keys                 string
	Account, Servers                     string
	Shortcuts, Serving, NotServing       string
	BringBack                            string
	ChooseFolder, ChooseKey, PublicKeys  string
	SaveCopy                             string
	ChooseCodes                          string
	Files                                string
	ChooseUpload, ChooseUploadFolder     string
	SaveFile, SaveFiles                  string
	SaveRecovery, SaveCodes, SaveDevKey  string
	ThisComputer                         string // the name of the own server
}

// wordsIn returns the texts in a language: "zh-CN", or English.
func wordsIn(language string) words {
	if language == "zh-CN" {
		return words{
			Latchkey: "Latchkey", View: "查看", Help: "帮助",
			Open: "打开 Latchkey", Quit: "退出", Lock: "锁定保险库", Settings: "设置…", Commands: "命令面板…",
			Codes: "验证码", Devices: "设备", Keys: "SFTP 密钥", Account: "账号", Servers: "服务器",
			Shortcuts: "键盘快捷键", Serving: "服务器正在运行", NotServing: "服务器未运行",
			BringBack:    "再次启动 Latchkey 即可重新打开窗口。",
			ChooseFolder: "选择存放文件的文件夹", ChooseKey: "选择密钥文件", PublicKeys: "公钥", SaveCopy: "将密钥副本保存为", ChooseCodes: "选择图片或备份",
			Files: "文件", ChooseUpload: "选择要上传的文件", ChooseUploadFolder: "选择要上传的文件夹", SaveFile: "将文件保存为", SaveFiles: "选择下载到的文件夹",
			SaveRecovery: "保存恢复密钥", SaveCodes: "保存恢复码", SaveDevKey: "保存开发者密钥", ThisComputer: "本机",
		}
	}
	return words{
		Latchkey: "Latchkey", View: "View", Help: "Help",
		Open: "Open Latchkey", Quit: "Quit", Lock: "Lock the vault", Settings: "Settings…", Commands: "Commands…",
		Codes: "Codes", Devices: "Devices", Keys: "SFTP keys", Account: "Account", Servers: "Servers",
		Shortcuts: "Keyboard shortcuts", Serving: "The server is running", NotServing: "The server is not running",
		BringBack:    "Start Latchkey again to bring the window back.",
		ChooseFolder: "Choose the folder for files", ChooseKey: "Choose a key", PublicKeys: "Public keys", SaveCopy: "Save a copy of the key", ChooseCodes: "Choose pictures or backups",
		Files: "Files", ChooseUpload: "Choose files to upload", ChooseUploadFolder: "Choose a folder to upload", SaveFile: "Save the file", SaveFiles: "Choose the folder to download to",
		SaveRecovery: "Save the recovery key", SaveCodes: "Save the recovery codes", SaveDevKey: "Save the developer key", ThisComputer: "This computer",
	}
}

// words are the texts in the language of the page.
func (d *desk) words() words {
	d.mu.Lock()
	defer d.mu.Unlock()
	return wordsIn(d.language)
}
