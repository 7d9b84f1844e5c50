package files

import (
	"errors"
	"io/fs"
	"path"
)

// Temporary files lie beside their targets, where a whole walk would be needed
// to find them. So each has a note with its path, in this folder at the top,
// for as long as it exists. The notes are not synced: they are for a process
// that was killed. After a power cut a temporary file may lose its note; it
// then stays, hidden, and harms nothing but the space it takes.
const (
	notes     = reserved
	tempStart = reserved + "-" // then the id of the note
	maxNote   = 2 * 4096       // bytes: a base path and a path below it
)

func (s *Store) makeNotes() error {
	err := s.root.Mkdir(notes, folderMode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// sweep removes the temporary files that notes tell of. What cannot be removed
// keeps its note for the next time.
func (s *Store) sweep() error {
	f, err := s.root.Open(notes + "/.")
	if err != nil {
		return err
	}
	entries, err := f.ReadDir(-1)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	for _, e := range entries {
		if e.Type().IsRegular() {
			s.sweepOne(e.Name())
		}
	}
	return nil
}

// sweepOne acts on a note only if it names a temporary file of this package
// with the note's own id, whatever else has got into the folder.
func (s *Store) sweepOne(id string) {
	note, err := s.readNote(id)
	if err != nil {
		return
	}
	if path.Base(note) == tempStart+id {
		if err := s.root.RemoveAll(note); err != nil { // a folder that was being removed is one too
			return
		}
	}
	s.dropNote(id)
}

func (s *Store) readNote(id string) (string, error) {
	info, err := s.root.Lstat(notes + "/" + id)
	if err != nil || info.Size() > maxNote {
		return "", errors.Join(err, fs.ErrInvalid)
	}
	text, err := s.root.ReadFile(notes + "/" + id)
	return string(text), err
}

// note keeps where a temporary file is about to be.
func (s *Store) note(id string, temp Path) error {
	return s.root.WriteFile(notes+"/"+id, []byte(temp.rel()), fileMode)
}

// dropNote forgets a temporary file. A note that stays names nothing any more
// and goes at the next sweep.
func (s *Store) dropNote(id string) { _ = s.root.Remove(notes + "/" + id) }
