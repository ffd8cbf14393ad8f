package reconcile

// A Storage holds the bytes of one replica's log. No one else may use it.
type Storage interface {
	// Read returns all bytes that are there when a replica is opened.
	// After a crash that is all that was synced, and perhaps some of what was appended since.
	Read() ([]byte, error)
	// Append writes bytes at the end. If it fails, it may have written some of them.
	Append(b []byte) error
	// Sync returns when all appended bytes are durable.
	Sync() error
	// Truncate cuts off all but the first size bytes, and returns when these are durable.
	Truncate(size int64) error
}
