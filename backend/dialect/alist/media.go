package alist

import (
	"path"
	"strings"
)

// AList's numbers of what a file is.
const (
	typeUnknown = iota
	typeFolder
	typeVideo
	typeAudio
	typeText
	typeImage
)

// A medium is what a file is by the end of its name.
type medium struct {
	kind  int
	media string // what a browser may be told that it is
	shown bool   // a browser shows it as it is, and runs nothing in it
}

// mediumOf knows a file by its name alone. What can hold a script, such as
// HTML, SVG and PDF, is handed out for saving only, as bytes.
func mediumOf(name string) medium {
	switch strings.ToLower(path.Ext(name)) {
	case ".png":
		return medium{typeImage, "image/png", true}
	case ".jpg", ".jpeg":
		return medium{typeImage, "image/jpeg", true}
	case ".gif":
		return medium{typeImage, "image/gif", true}
	case ".webp":
		return medium{typeImage, "image/webp", true}
	case ".avif":
		return medium{typeImage, "image/avif", true}
	case ".bmp":
		return medium{typeImage, "image/bmp", true}
	case ".mp4", ".m4v":
		return medium{typeVideo, "video/mp4", true}
	case ".webm":
		return medium{typeVideo, "video/webm", true}
	case ".mov":
		return medium{typeVideo, "video/quicktime", true}
	case ".mp3":
		return medium{typeAudio, "audio/mpeg", true}
	case ".m4a":
		return medium{typeAudio, "audio/mp4", true}
	case ".ogg", ".opus":
		return medium{typeAudio, "audio/ogg", true}
	case ".flac":
		return medium{typeAudio, "audio/flac", true}
	case ".wav":
		return medium{typeAudio, "audio/wav", true}
	case ".txt", ".md", ".log", ".csv":
		return medium{typeText, "text/plain; charset=utf-8", true}
	case ".svg", ".heic", ".tif", ".tiff", ".ico":
		return medium{typeImage, bytesMedia, false}
	case ".mkv", ".avi", ".ts", ".rmvb", ".flv":
		return medium{typeVideo, bytesMedia, false}
	case ".aac", ".ape", ".wma":
		return medium{typeAudio, bytesMedia, false}
	case ".html", ".htm", ".xml", ".json", ".js", ".css", ".yml", ".yaml", ".ini", ".conf", ".toml", ".go", ".py", ".sh", ".c", ".h", ".rs":
		return medium{typeText, bytesMedia, false}
	}
	return medium{typeUnknown, bytesMedia, false}
}

const bytesMedia = "application/octet-stream"

func kindOf(name string) int { return mediumOf(name).kind }
