package reconcile

import (
	"encoding/binary"
	"fmt"
)

const (
	lengthSize   = 4
	checksumSize = 8
)

// A checksum ends a frame. It depends on all frames before, R8.4.
type checksum [checksumSize]byte

// next returns the checksum of the next frame, which holds this record, R8.4.
func (c checksum) next(record []byte) checksum {
	b := append(appendTag(nil, "reconcile/frame"), c[:]...)
	sum := hashOf(append(b, record...))
	return checksum(sum[:checksumSize])
}

// A log holds the records of a replica in its storage, R8.4.
type log struct {
	storage         Storage
	size            int64 // bytes of the frames that are synced
	lastChecksum    checksum
	hasUnsyncedTail bool // more bytes may follow, which repair cuts off
}

// load reads the frames, and cuts off a torn tail. It returns the state after the last record, R8.3 and R8.6,
// or nil if there is no record.
func (l *log) load(writer string) (*state, error) {
	data, err := l.storage.Read()
	if err != nil {
		return nil, interrupted(StageNone, faultStorage, fmt.Errorf("read the log: %w", err))
	}
	var s *state
	for frame := 0; ; frame++ {
		body, sum, ok := splitFrame(data[l.size:])
		if !ok {
			break
		}
		next := l.lastChecksum.next(body)
		if next != sum {
			return nil, l.corrupt(frame, "check", nil)
		}
		rec, err := readRecord(body)
		if err != nil || rec.writer != writer {
			return nil, l.corrupt(frame, "record", err)
		}
		if s == nil {
			s = &state{part: newPart(), schema: rec.schema}
		}
		if end, ok := chainEnd(rec.migrations, s.schema, s.head()); !ok || end != rec.schema {
			return nil, l.corrupt(frame, "chain", nil)
		}
		s = s.replay(rec)
		l.size += int64(lengthSize + len(body) + checksumSize)
		l.lastChecksum = next
	}
	// A killed process may have appended the last frame and not synced it.
	// Truncating syncs it, so that nobody sees a state that can still be lost.
	if err := l.storage.Truncate(l.size); err != nil {
		return nil, interrupted(StageNone, faultStorage, fmt.Errorf("truncate the log: %w", err))
	}
	return s, nil
}

// splitFrame returns the parts of the first frame. Ok is false if the frame is torn.
func splitFrame(data []byte) (record []byte, sum checksum, ok bool) {
	if len(data) < lengthSize {
		return nil, checksum{}, false
	}
	length := uint64(binary.BigEndian.Uint32(data))
	if uint64(len(data)) < lengthSize+length+checksumSize {
		return nil, checksum{}, false
	}
	record, data = data[lengthSize:lengthSize+length], data[lengthSize+length:]
	return record, checksum(data[:checksumSize]), true
}

func (l *log) corrupt(frame int, got string, cause error) error {
	return &Error{Class: ErrCorruptLog, Path: "frame " + decimal(frame), Offset: uint64(l.size),
		Expected: "a whole record", Got: got, Hint: "restore from another replica", cause: cause}
}

// frame puts a record between its length and its checksum, R8.4.
func (l *log) frame(record []byte) (frame []byte, sum checksum) {
	sum = l.lastChecksum.next(record)
	return append(appendWithLength(nil, record), sum[:]...), sum
}

// append writes a frame, or a part of one. It does not sync.
func (l *log) append(frame []byte) error {
	if err := l.repair(); err != nil {
		return err
	}
	l.hasUnsyncedTail = true
	if err := l.storage.Append(frame); err != nil {
		return fmt.Errorf("append to the log: %w", err)
	}
	return nil
}

// sync makes the appended frame durable, which acknowledges its step, R8.3.
func (l *log) sync(frame []byte, sum checksum) error {
	if err := l.storage.Sync(); err != nil {
		return fmt.Errorf("sync the log: %w", err)
	}
	l.size += int64(len(frame))
	l.lastChecksum, l.hasUnsyncedTail = sum, false
	return nil
}

// repair cuts off what was appended and not synced. If it fails, the next append repairs first.
func (l *log) repair() error {
	if !l.hasUnsyncedTail {
		return nil
	}
	if err := l.storage.Truncate(l.size); err != nil {
		return fmt.Errorf("repair the log: %w", err)
	}
	l.hasUnsyncedTail = false
	return nil
}
