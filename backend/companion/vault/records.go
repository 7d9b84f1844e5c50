package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"latchkey/backend/internal/disk"
)

// A Record is one thing that is kept, with its name. It prints as a mask.
type Record struct {
	Name    string
	Content []byte
}

// Format writes a mask for every verb.
func (Record) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[record]") }

// Get returns a copy of a record. Returns ErrNoRecord, and why the vault is not
// open if it is not.
func (v *Vault) Get(ctx context.Context, b Bucket, name string) ([]byte, error) {
	var record []byte
	err := v.read(ctx, func(c *contents) (err error) {
		record, err = c.get(b, name)
		return err
	})
	return record, err
}

// List returns copies of a bucket's records in the order of their names.
func (v *Vault) List(ctx context.Context, b Bucket) ([]Record, error) {
	var records []Record
	err := v.read(ctx, func(c *contents) error {
		records = c.list(b)
		return nil
	})
	return records, err
}

// Ready returns nil if the vault is open, and otherwise what List would. It
// reads no record.
func (v *Vault) Ready(ctx context.Context) error {
	return v.read(ctx, func(*contents) error { return nil })
}

// read looks at what is in the open vault, as it is on the disk now.
func (v *Vault) read(ctx context.Context, look func(*contents) error) error {
	if err := v.refresh(ctx); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.opened == nil {
		return ErrLocked
	}
	return look(&v.opened.contents)
}

func (c *contents) get(b Bucket, name string) ([]byte, error) {
	record, ok := c.records[b][name]
	if !ok {
		return nil, ErrNoRecord
	}
	return bytes.Clone(record), nil
}

func (c *contents) list(b Bucket) []Record {
	out := make([]Record, 0, len(c.records[b]))
	for _, name := range slices.Sorted(maps.Keys(c.records[b])) {
		out = append(out, Record{name, bytes.Clone(c.records[b][name])})
	}
	return out
}

// A Tx reads and changes records within Update, and is not kept after it.
type Tx struct {
	contents *contents
	changed  bool
}

// Format writes a mask for every verb.
func (*Tx) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[records]") }

// Get returns a copy of a record, or ErrNoRecord.
func (tx *Tx) Get(b Bucket, name string) ([]byte, error) { return tx.contents.get(b, name) }

// List returns copies of a bucket's records in the order of their names.
func (tx *Tx) List(b Bucket) []Record { return tx.contents.list(b) }

// Put keeps a copy of a record in place of the one of that name. Returns
// ErrName or ErrTooLarge.
func (tx *Tx) Put(b Bucket, name string, record []byte) error {
	switch {
	case !fits(b, name):
		return ErrName
	case len(record) > maxRecord:
		return ErrTooLarge
	}
	tx.contents.remove(b, name)
	tx.contents.put(b, name, bytes.Clone(record))
	tx.changed = true
	return nil
}

// Delete removes a record, if it is there.
func (tx *Tx) Delete(b Bucket, name string) {
	if _, there := tx.contents.records[b][name]; there {
		tx.contents.remove(b, name)
		tx.changed = true
	}
}

// Update reads the newest records and writes what change makes of them, while
// no other program can. If change returns an error, or writing fails, nothing
// has changed; the error is returned. When Update returns nil the records are
// on the disk. Within change the vault can be read, but not updated again.
//
// Errors of its own: why the vault is not open, ErrBusy, ErrFull and those of
// the disk.
func (v *Vault) Update(ctx context.Context, change func(*Tx) error) error {
	release, err := v.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	unlock, err := v.lockToWrite(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	o, epoch, err := v.newest()
	if err != nil {
		return err
	}
	tx := &Tx{contents: &o.contents}
	err = change(tx)
	if err == nil && tx.changed {
		err = v.save(o)
	}
	return v.finish(epoch, o, err)
}

// finish puts a changed version in the place of the open one, or drops it.
func (v *Vault) finish(epoch int, o *opened, err error) error {
	if err != nil {
		o.wipe()
		return err
	}
	_ = v.install(epoch, o) // locked meanwhile: it is written all the same
	return nil
}

// save writes the next version.
func (v *Vault) save(o *opened) error {
	o.header.revision++
	file, head, err := compose(o.header, o.contents, o.master, v.env)
	if err != nil {
		return err
	}
	o.head = bytes.Clone(file[:head])
	return v.place.save(file)
}

// lockToWrite keeps other programs out of the file until unlock is called.
func (v *Vault) lockToWrite(ctx context.Context) (unlock func(), err error) {
	free, err := v.place.lock(ctx, true)
	switch {
	case errors.Is(err, disk.ErrNoFolder):
		return nil, ErrNew
	case err != nil:
		return nil, err
	}
	v.setWriting(true)
	return func() {
		v.setWriting(false)
		free()
	}, nil
}

func (v *Vault) isWriting() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.writing
}

func (v *Vault) setWriting(yes bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.writing = yes
}

// newest reads the file again, into memory of its own, so that what is open
// can be locked while it is changed.
func (v *Vault) newest() (o *opened, epoch int, err error) {
	i, err := v.place.read()
	if err != nil {
		return nil, 0, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case v.opened != nil:
		o, err = v.follow(i)
		return o, v.epoch, err
	case v.reason != nil:
		return nil, 0, v.reason
	}
	return nil, 0, ErrLocked
}
