package reconcile

import (
	"errors"
	"slices"
)

// A Storage holds the bytes of one replica's log. A replica is its only user.
type Storage interface {
	// Read gives all bytes that are there when a replica is opened. After a crash these are those
	// synced, and maybe some of those appended since.
	Read() ([]byte, error)
	// Append writes bytes behind the others. Where it fails, some may have been written.
	Append(b []byte) error
	// Sync returns when what was appended is durable.
	Sync() error
	// Truncate cuts off all but the first size bytes, and returns when these are durable.
	Truncate(size int64) error
}

// Memory is a storage in memory that knows which bytes were synced. The zero value is empty.
type Memory struct {
	data   []byte
	synced int
}

// NewMemory gives a storage that holds synced bytes.
func NewMemory(synced []byte) *Memory {
	return &Memory{data: slices.Clone(synced), synced: len(synced)}
}

// Read gives a copy of the bytes that are synced.
func (m *Memory) Read() ([]byte, error) { return m.Synced(), nil }

// Append keeps bytes as not synced.
func (m *Memory) Append(b []byte) error {
	m.data = append(m.data, b...)
	return nil
}

// Sync makes all bytes synced.
func (m *Memory) Sync() error {
	m.synced = len(m.data)
	return nil
}

// Truncate cuts off all but the first size bytes, which are synced then.
func (m *Memory) Truncate(size int64) error {
	if size < 0 || size > int64(len(m.data)) {
		return errors.New("truncate beyond the end")
	}
	m.data = m.data[:size]
	m.synced = int(size)
	return nil
}

// Crash drops what was not synced, as the end of a process may.
func (m *Memory) Crash() { m.data = m.data[:m.synced] }

// Bytes gives a copy of all bytes, synced or not.
func (m *Memory) Bytes() []byte { return slices.Clone(m.data) }

// Synced gives a copy of the synced bytes.
func (m *Memory) Synced() []byte { return slices.Clone(m.data[:m.synced]) }
