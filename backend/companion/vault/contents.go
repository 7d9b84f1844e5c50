package vault

import (
	"encoding/binary"
	"maps"
	"slices"

	"golang.org/x/crypto/cryptobyte"
)

// Bounds on what is kept.
const (
	maxBucketName = 64      // bytes
	maxName       = 512     // bytes
	maxRecord     = 1 << 20 // bytes
)

// A Bucket holds records of one sort, such as tokens.
type Bucket string

// contents are what the body holds. They print as a mask.
type contents struct {
	protection key // wraps the master key in the header's slots
	recovery   key
	records    map[Bucket]map[string][]byte
	plain      []byte // the unsealed body, which records may point into
}

func (c *contents) put(b Bucket, name string, record []byte) {
	if c.records[b] == nil {
		c.records[b] = map[string][]byte{}
	}
	c.records[b][name] = record
}

// remove takes a record away and overwrites it.
func (c *contents) remove(b Bucket, name string) {
	clear(c.records[b][name])
	delete(c.records[b], name)
	if len(c.records[b]) == 0 {
		delete(c.records, b)
	}
}

// wipe overwrites everything.
func (c *contents) wipe() {
	for _, bucket := range c.records {
		for _, record := range bucket {
			clear(record)
		}
	}
	clear(c.plain)
	*c = contents{}
}

// size returns how many bytes append writes.
func (c *contents) size() int {
	n := 2*keyLen + 4
	for b, bucket := range c.records {
		for name, record := range bucket {
			n += 1 + len(b) + 2 + len(name) + 4 + len(record)
		}
	}
	return n
}

// append writes the contents in one order, so that equal ones read equal.
func (c *contents) append(to []byte) []byte {
	to = append(append(to, c.protection[:]...), c.recovery[:]...)
	count := 0
	for _, bucket := range c.records {
		count += len(bucket)
	}
	to = binary.BigEndian.AppendUint32(to, uint32(count))
	for _, b := range slices.Sorted(maps.Keys(c.records)) {
		for _, name := range slices.Sorted(maps.Keys(c.records[b])) {
			to = appendRecord(to, b, name, c.records[b][name])
		}
	}
	return to
}

func appendRecord(to []byte, b Bucket, name string, record []byte) []byte {
	to = append(append(to, byte(len(b))), b...)
	to = binary.BigEndian.AppendUint16(to, uint16(len(name)))
	to = append(to, name...)
	to = binary.BigEndian.AppendUint32(to, uint32(len(record)))
	return append(to, record...)
}

// readContents reads what append wrote, and nothing else. The records point
// into plain, which from then on belongs to the contents.
func readContents(plain []byte) (contents, bool) {
	c := contents{records: map[Bucket]map[string][]byte{}, plain: plain}
	from := cryptobyte.String(plain)
	var count uint32
	if !from.CopyBytes(c.protection[:]) || !from.CopyBytes(c.recovery[:]) || !from.ReadUint32(&count) {
		return contents{}, false
	}
	var last Bucket
	var lastName string
	for n := range count {
		b, name, record, ok := readRecord(&from)
		inOrder := n == 0 || b > last || b == last && name > lastName
		if !ok || !inOrder {
			return contents{}, false
		}
		c.put(b, name, record)
		last, lastName = b, name
	}
	return c, from.Empty()
}

func readRecord(from *cryptobyte.String) (b Bucket, name string, record []byte, ok bool) {
	var bucket, key cryptobyte.String
	var size uint32
	ok = from.ReadUint8LengthPrefixed(&bucket) && from.ReadUint16LengthPrefixed(&key) &&
		from.ReadUint32(&size) && size <= maxRecord && from.ReadBytes(&record, int(size))
	b, name = Bucket(bucket), string(key)
	return b, name, record, ok && fits(b, name)
}

// fits reports whether a name can be that of a record.
func fits(b Bucket, name string) bool {
	return len(b) >= 1 && len(b) <= maxBucketName && len(name) >= 1 && len(name) <= maxName
}
