package alist

import (
	"net/http"

	"latchkey/backend/identity"
	"latchkey/backend/task"
)

// tidQuery is how a task is named.
type tidQuery struct {
	ID identity.TaskID `query:"tid" required:"true"`
}

func taskID(r *http.Request) identity.TaskID { return identity.TaskID(r.URL.Query().Get("tid")) }

func (h *Handler) tasks(ended bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		list, err := h.Tasks.List(r.Context(), who(r).User.ID, ended)
		if err != nil {
			return err
		}
		out := make([]wireTask, len(list))
		for i, s := range list {
			out[i] = fromTask(s, who(r))
		}
		return succeed(w, out)
	}
}

func (h *Handler) taskInfo(w http.ResponseWriter, r *http.Request) error {
	s, err := h.Tasks.Find(r.Context(), who(r).User.ID, taskID(r))
	if err != nil {
		return err
	}
	return succeed(w, fromTask(s, who(r)))
}

func (h *Handler) cancelTask(w http.ResponseWriter, r *http.Request) error {
	if err := h.Tasks.Cancel(r.Context(), who(r).User.ID, taskID(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func (h *Handler) deleteTask(w http.ResponseWriter, r *http.Request) error {
	if err := h.Tasks.Delete(r.Context(), who(r).User.ID, taskID(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

// retryTask refuses: what was sent is gone with its request.
func (h *Handler) retryTask(_ http.ResponseWriter, r *http.Request) error {
	if _, err := h.Tasks.Find(r.Context(), who(r).User.ID, taskID(r)); err != nil {
		return err
	}
	return task.ErrNoContent
}

func (h *Handler) clearTasks(states ...identity.TaskState) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := h.Tasks.Clear(r.Context(), who(r).User.ID, states...); err != nil {
			return err
		}
		return succeed(w, nil)
	}
}
