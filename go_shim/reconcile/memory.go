package reconcile

import (
	"fmt"
	"slices"
)

// Memory is a storage in memory that knows which bytes were synced. The zero value is empty.
type Memory struct {
	data   []byte
	synced int
}

// NewMemory returns a storage that holds synced bytes.
func NewMemory(synced []byte) *Memory {
	return &Memory{data: slices.Clone(synced), synced: len(synced)}
}

// Read returns a copy of the synced bytes.
func (m *Memory) Read() ([]byte, error) { return m.Synced(), nil }

// Append keeps bytes that are not synced yet.
func (m *Memory) Append(b []byte) error {
	m.data = append(m.data, b...)
	return nil
}

// Sync marks all bytes as synced.
func (m *Memory) Sync() error {
	m.synced = len(m.data)
	return nil
}

// Truncate cuts off all but the first size bytes, and marks these as synced.
// It returns an error if there are fewer bytes.
func (m *Memory) Truncate(size int64) error {
	if size < 0 || size > int64(len(m.data)) {
		return fmt.Errorf("truncate %d bytes to %d", len(m.data), size)
	}
	m.data = m.data[:size]
	m.synced = int(size)
	return nil
}

// Crash drops what was not synced, as the end of a process may.
func (m *Memory) Crash() { m.data = m.data[:m.synced] }

// Bytes returns a copy of all bytes, synced or not.
func (m *Memory) Bytes() []byte { return slices.Clone(m.data) }

// Synced returns a copy of the synced bytes.
func (m *Memory) Synced() []byte { return slices.Clone(m.data[:m.synced]) }
