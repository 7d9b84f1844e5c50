package app

import (
	"os"

	"golang.org/x/sys/windows"
)

// BorrowTerminal lets the commands print in the terminal that they were started
// from: Windows gives none to a program with a window. What is redirected to a
// file or another program stays so. The program calls it first of all.
func BorrowTerminal() {
	attach := windows.NewLazySystemDLL("kernel32.dll").NewProc("AttachConsole")
	const parent = ^uintptr(0) // ATTACH_PARENT_PROCESS
	if ok, _, _ := attach.Call(parent); ok == 0 {
		return // not started from a terminal
	}
	for _, s := range []struct {
		id   uint32
		name string
		to   **os.File
	}{
		{windows.STD_INPUT_HANDLE, "CONIN$", &os.Stdin},
		{windows.STD_OUTPUT_HANDLE, "CONOUT$", &os.Stdout},
		{windows.STD_ERROR_HANDLE, "CONOUT$", &os.Stderr},
	} {
		if h, err := windows.GetStdHandle(s.id); err == nil && h != 0 && h != windows.InvalidHandle {
			continue
		}
		if f, err := os.OpenFile(s.name, os.O_RDWR, 0); err == nil {
			*s.to = f
		}
	}
}
