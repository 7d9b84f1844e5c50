package vault

import "context"

// A Shelf is one bucket of a vault, for who needs no other. Each call stands
// for itself; what must change together goes through Update.
type Shelf struct {
	vault  *Vault
	bucket Bucket
}

// Shelf returns a bucket as a shelf.
func (v *Vault) Shelf(b Bucket) Shelf { return Shelf{v, b} }

// Get is Vault.Get.
func (s Shelf) Get(ctx context.Context, name string) ([]byte, error) {
	return s.vault.Get(ctx, s.bucket, name)
}

// List is Vault.List.
func (s Shelf) List(ctx context.Context) ([]Record, error) { return s.vault.List(ctx, s.bucket) }

// Put keeps a copy of a record in place of the one of that name. Errors are
// those of Vault.Update and Tx.Put.
func (s Shelf) Put(ctx context.Context, name string, record []byte) error {
	return s.vault.Update(ctx, func(tx *Tx) error { return tx.Put(s.bucket, name, record) })
}

// Delete removes a record, if it is there. Errors are those of Vault.Update.
func (s Shelf) Delete(ctx context.Context, name string) error {
	return s.vault.Update(ctx, func(tx *Tx) error {
		tx.Delete(s.bucket, name)
		return nil
	})
}
