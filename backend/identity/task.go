package identity

import "time"

// A TaskID names a task, in any letters.
type TaskID string

// A Task is an upload that somebody wants to look at while it runs and
// afterwards.
type Task struct {
	ID        TaskID
	User      UserID
	Name      string // for people, such as "upload photo.jpg to /pictures"
	State     TaskState
	Total     int64  // bytes; 0: not known beforehand
	Error     string // the sentence of the refusal, of a task that failed
	StartedAt time.Time
	EndedAt   time.Time // zero: under way
}

// A TaskState is what has become of a task.
type TaskState string

// The states of a task.
const (
	TaskRunning   TaskState = "running"
	TaskDone      TaskState = "done"
	TaskCancelled TaskState = "cancelled"
	TaskFailed    TaskState = "failed"
)
