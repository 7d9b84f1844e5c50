window.addEventListener("load", () => window.go.main.Shell.Drawn());
