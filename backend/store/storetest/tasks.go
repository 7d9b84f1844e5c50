package storetest

import (
	"fmt"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func tasks() []test {
	return []test{
		{"save and list", saveTasks},
		{"only so many are kept", keepTasks},
		{"delete", deleteTasks},
		{"end what is open", endTasks},
	}
}

func task(user identity.UserID, id string, ended bool) identity.Task {
	k := identity.Task{ID: identity.TaskID(id), User: user, Name: "upload " + id, State: identity.TaskRunning, Total: 12, StartedAt: now()}
	if ended {
		k.State, k.EndedAt = identity.TaskDone, now().Add(time.Second)
	}
	return k
}

// kept is a task as a store returns it.
func kept(k identity.Task) identity.Task {
	k.StartedAt = k.StartedAt.UTC().Truncate(time.Microsecond)
	if !k.EndedAt.IsZero() {
		k.EndedAt = k.EndedAt.UTC().Truncate(time.Microsecond)
	}
	return k
}

func taskOwner(t *testing.T, s store.Store, name identity.Username) identity.UserID {
	t.Helper()
	return try(s.CreateUser(t.Context(), identity.User{Username: name, CreatedAt: now()}))(t).ID
}

func saveTasks(t *testing.T, s store.Store) {
	ann, bob := taskOwner(t, s, "ann"), taskOwner(t, s, "bob")
	same(t, "none", try(s.Tasks(t.Context(), ann))(t), []identity.Task{})
	k := task(ann, "a", false)
	must(t, s.SaveTask(t.Context(), k, 10))
	later := task(ann, "b", true)
	later.StartedAt = now().Add(time.Minute)
	must(t, s.SaveTask(t.Context(), later, 10))
	same(t, "both", try(s.Tasks(t.Context(), ann))(t), []identity.Task{kept(later), kept(k)})
	k.State, k.Error, k.EndedAt = identity.TaskFailed, "It broke.", now().Add(time.Hour)
	must(t, s.SaveTask(t.Context(), k, 10))
	same(t, "changed", try(s.Tasks(t.Context(), ann))(t), []identity.Task{kept(later), kept(k)})
	same(t, "somebody else's", try(s.Tasks(t.Context(), bob))(t), []identity.Task{})
	is(t, "of nobody", s.SaveTask(t.Context(), task(999, "c", false), 10), store.ErrNotFound)
	must(t, s.DeleteUser(t.Context(), ann))
	same(t, "of somebody gone", try(s.Tasks(t.Context(), ann))(t), []identity.Task{})
}

func keepTasks(t *testing.T, s store.Store) {
	ann, bob := taskOwner(t, s, "ann"), taskOwner(t, s, "bob")
	must(t, s.SaveTask(t.Context(), task(bob, "his", true), 3))
	must(t, s.SaveTask(t.Context(), task(ann, "open", false), 3))
	for i := range 5 {
		k := task(ann, fmt.Sprint(i), true)
		k.StartedAt = now().Add(time.Duration(i+1) * time.Minute)
		must(t, s.SaveTask(t.Context(), k, 3))
	}
	var ids []identity.TaskID
	for _, k := range try(s.Tasks(t.Context(), ann))(t) {
		ids = append(ids, k.ID)
	}
	same(t, "kept", ids, []identity.TaskID{"4", "3", "open"})
	same(t, "bob's", len(try(s.Tasks(t.Context(), bob))(t)), 1)
}

func deleteTasks(t *testing.T, s store.Store) {
	ann, bob := taskOwner(t, s, "ann"), taskOwner(t, s, "bob")
	must(t, s.SaveTask(t.Context(), task(ann, "a", true), 10))
	must(t, s.SaveTask(t.Context(), task(ann, "open", false), 10))
	is(t, "somebody else's", s.DeleteTask(t.Context(), bob, "a"), store.ErrNotFound)
	is(t, "under way", s.DeleteTask(t.Context(), ann, "open"), store.ErrNotFound)
	must(t, s.DeleteTask(t.Context(), ann, "a"))
	is(t, "twice", s.DeleteTask(t.Context(), ann, "a"), store.ErrNotFound)
	same(t, "left", len(try(s.Tasks(t.Context(), ann))(t)), 1)
}

func endTasks(t *testing.T, s store.Store) {
	ann := taskOwner(t, s, "ann")
	open, done := task(ann, "open", false), task(ann, "done", true)
	must(t, s.SaveTask(t.Context(), open, 10))
	must(t, s.SaveTask(t.Context(), done, 10))
	must(t, s.EndTasks(t.Context(), identity.Task{State: identity.TaskFailed, Error: "It stopped.", EndedAt: now().Add(time.Hour)}))
	open.State, open.Error, open.EndedAt = identity.TaskFailed, "It stopped.", now().Add(time.Hour)
	same(t, "ended", try(s.Tasks(t.Context(), ann))(t), []identity.Task{kept(open), kept(done)})
}
