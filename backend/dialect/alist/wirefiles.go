package alist

import (
	"latchkey/backend/identity"
	"latchkey/backend/task"
)

// provider is what AList calls files on its own disk.
const provider = "Local"

type pathRequest struct {
	Path     string `json:"path" required:"true"`
	Password string `json:"password" description:"Of the folder that the path is in, if it has one. The header Password does the same."`
}

type getRequest struct {
	Path     string `json:"path" required:"true"`
	Password string `json:"password" description:"As in mkdir."`
	Page     int    `json:"page"`
	PerPage  int    `json:"per_page"`
	Refresh  bool   `json:"refresh"`
}

type listRequest struct {
	Path     string `json:"path" required:"true"`
	Password string `json:"password" description:"As in mkdir."`
	Page     int    `json:"page" description:"From 1; less is the first page."`
	PerPage  int    `json:"per_page" description:"0 is 200, at most 500; less than 0 is everything, at most 20,000."`
	Refresh  bool   `json:"refresh"`
}

// size returns how many entries a page of a list of so many has.
func (r listRequest) size(total int) int {
	switch {
	case r.PerPage < 0:
		return min(max(total, 1), mostEntries)
	case r.PerPage == 0:
		return usualEntries
	}
	return min(r.PerPage, maxEntries)
}

type dirsRequest struct {
	Path      string `json:"path" required:"true"`
	Password  string `json:"password" description:"As in mkdir."`
	ForceRoot bool   `json:"force_root"`
}

type renameRequest struct {
	Path      string `json:"path" required:"true"`
	Name      string `json:"name" required:"true"`
	Overwrite bool   `json:"overwrite"`
	Password  string `json:"password" description:"As in mkdir."`
}

type moveRequest struct {
	From       string   `json:"src_dir" required:"true"`
	To         string   `json:"dst_dir" required:"true"`
	Names      []string `json:"names" required:"true"`
	Overwrite  bool     `json:"overwrite"`
	Password   string   `json:"password" description:"As in mkdir, of src_dir."`
	ToPassword string   `json:"dst_password" description:"Of dst_dir, if it has another one."`
}

type removeRequest struct {
	Dir      string   `json:"dir" required:"true"`
	Names    []string `json:"names" required:"true"`
	Password string   `json:"password" description:"As in mkdir."`
}

// uploadHeaders are those of an upload.
type uploadHeaders struct {
	FilePath     string `header:"File-Path" required:"true" description:"Where the file goes, percent-encoded."`
	AsTask       string `header:"As-Task" description:"true: answer with a task that can be asked about."`
	Overwrite    string `header:"Overwrite" description:"false: refuse a path that is taken."`
	LastModified string `header:"Last-Modified" description:"Milliseconds since 1970 that the file is from."`
	Password     string `header:"Password" description:"As in mkdir."`
	MD5          string `header:"X-File-Md5" description:"In hexadecimal. A file that does not fit it is not kept, as with the next two."`
	SHA1         string `header:"X-File-Sha1"`
	SHA256       string `header:"X-File-Sha256"`
}

// downloadQuery is that of the address of a file.
type downloadQuery struct {
	Sign string `query:"sign" description:"What get and list tell as sign."`
	Type string `query:"type" description:"preview: show it rather than save it, if it is a picture, sound, film or plain text."`
}

// wireObject is what get and list tell alike. Of hashes AList tells in two
// ways that it has none.
type wireObject struct {
	ID       string  `json:"id"`   // always empty
	Path     string  `json:"path"` // AList tells the path on the server's disk
	Name     string  `json:"name"`
	Size     int64   `json:"size"` // bytes
	IsDir    bool    `json:"is_dir"`
	Modified string  `json:"modified"`
	Created  string  `json:"created"` // as modified
	Sign     string  `json:"sign"`
	Thumb    string  `json:"thumb"`
	Type     int     `json:"type" description:"0 unknown, 1 folder, 2 film, 3 sound, 4 text, 5 picture."`
	HashInfo string  `json:"hashinfo"`
	Hashes   *string `json:"hash_info"` // always null
}

type wireFile struct {
	wireObject

	VirtualPath string  `json:"virtual_path"`
	RawURL      string  `json:"raw_url"` // empty for a folder
	Readme      string  `json:"readme"`
	Header      string  `json:"header"`
	Provider    string  `json:"provider"`
	WebProxy    bool    `json:"web_proxy"`
	Related     *string `json:"related"` // always null
}

type wireEntry struct {
	wireObject

	Labels []string `json:"label_list"`
}

type wireList struct {
	Content       []wireEntry `json:"content"`
	Total         int         `json:"total"`
	FilteredTotal int         `json:"filtered_total"`
	Page          int         `json:"page"`
	PerPage       int         `json:"per_page"`
	HasMore       bool        `json:"has_more"`
	PagesTotal    int         `json:"pages_total"`
	Readme        string      `json:"readme"`
	Header        string      `json:"header"`
	Write         bool        `json:"write"`
	Provider      string      `json:"provider"`
}

type wireDir struct {
	Name     string `json:"name"`
	Modified string `json:"modified"`
}

type wireStorage struct {
	Used  int64 `json:"storage_used"`
	Limit int64 `json:"storage_limit" description:"Bytes: what an administrator has set, or if that is more or nothing, storage_used and what the disk has left for files; 0 if the system does not say."`
}

type taskStarted struct {
	Task wireTask `json:"task"`
}

// AList's numbers of a task's state.
const (
	stateRunning   = 1
	stateSucceeded = 2
	stateCancelled = 4
	stateFailed    = 7
)

type wireTask struct {
	ID          identity.TaskID   `json:"id"`
	Name        string            `json:"name"`
	Creator     identity.Username `json:"creator"`
	CreatorRole []identity.RoleID `json:"creator_role"`
	State       int               `json:"state" description:"1 under way, 2 succeeded, 4 cancelled, 7 failed."`
	Status      string            `json:"status"`
	Progress    int64             `json:"progress"` // percent
	Started     string            `json:"start_time"`
	Ended       *string           `json:"end_time"` // null: under way
	Total       int64             `json:"total_bytes"`
	Error       string            `json:"error"`
}

func fromTask(s task.Status, who identity.Principal) wireTask {
	out := wireTask{
		ID: s.ID, Name: s.Name, Creator: who.User.Username, CreatorRole: who.User.Roles, Status: string(s.State),
		Started: rfc3339(s.StartedAt), Ended: optionalTime(s.EndedAt), Total: s.Total, Error: s.Error,
	}
	switch s.State {
	case identity.TaskRunning:
		out.State, out.Status = stateRunning, "uploading"
		if s.Total > 0 {
			out.Progress = min(s.Done, s.Total) * 100 / s.Total
		}
	case identity.TaskDone:
		out.State, out.Progress = stateSucceeded, 100
	case identity.TaskCancelled:
		out.State = stateCancelled
	case identity.TaskFailed:
		out.State = stateFailed
	}
	return out
}
