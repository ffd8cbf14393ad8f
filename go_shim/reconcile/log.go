package reconcile

import "encoding/binary"

const (
	lengthSize   = 4
	checksumSize = 8
)

// A checksum is the end of a frame: it depends on all frames before, R8.4.
type checksum [checksumSize]byte

// next is the check of a frame with this record, R8.4.
func (c checksum) next(record []byte) checksum {
	b := append(appendTag(nil, "reconcile/frame"), c[:]...)
	sum := hashOf(append(b, record...))
	return checksum(sum[:checksumSize])
}

// A log is the log of a replica in its storage, R8.4.
type log struct {
	storage         Storage
	size            int64 // bytes of the frames that are synced
	lastChecksum    checksum
	hasUnsyncedTail bool // bytes that are to be cut off may follow
}

// load reads the frames, cuts off a torn tail, and gives the state of the last record, nil where there is
// none, R8.3 and R8.6.
func (l *log) load(writer string) (*state, error) {
	data, err := l.storage.Read()
	if err != nil {
		return nil, interrupted(StageNone, faultStorage, err)
	}
	var s *state
	for frame := 0; ; frame++ {
		rest := data[l.size:]
		if len(rest) < lengthSize {
			break
		}
		length := uint64(binary.BigEndian.Uint32(rest))
		if uint64(len(rest)) < lengthSize+length+checksumSize {
			break
		}
		body := rest[lengthSize : lengthSize+length]
		next := l.lastChecksum.next(body)
		if next != checksum(rest[lengthSize+length:][:checksumSize]) {
			return nil, l.corrupt(frame, "check")
		}
		rec, err := readRecord(body)
		if err != nil || rec.writer != writer {
			return nil, l.corrupt(frame, "record")
		}
		if s == nil {
			s = &state{part: newPart(), schema: rec.schema}
		}
		if end, holds := chainEnd(rec.migrations, s.schema, s.head()); !holds || end != rec.schema {
			return nil, l.corrupt(frame, "chain")
		}
		s = s.replay(rec)
		l.size += int64(lengthSize + length + checksumSize)
		l.lastChecksum = next
	}
	// The last frame may be of a process that was killed before it synced: what is shown must be durable.
	if err := l.storage.Truncate(l.size); err != nil {
		return nil, interrupted(StageNone, faultStorage, err)
	}
	return s, nil
}

func (l *log) corrupt(frame int, got string) error {
	return &Error{Class: ErrCorruptLog, Path: "frame " + decimal(frame), Offset: uint64(l.size),
		Expected: "a whole record", Got: got, Hint: "restore from another replica"}
}

// frame puts a record between its length and its check, R8.4.
func (l *log) frame(record []byte) (frame []byte, last checksum) {
	last = l.lastChecksum.next(record)
	return append(appendWithLength(nil, record), last[:]...), last
}

// append writes a frame, or a part of one, that is not synced yet.
func (l *log) append(frame []byte) error {
	if err := l.repair(); err != nil {
		return err
	}
	l.hasUnsyncedTail = true
	return l.storage.Append(frame)
}

// sync makes the frame that was appended durable, which acknowledges its step, R8.3.
func (l *log) sync(frame []byte, last checksum) error {
	if err := l.storage.Sync(); err != nil {
		return err
	}
	l.size += int64(len(frame))
	l.lastChecksum, l.hasUnsyncedTail = last, false
	return nil
}

// repair cuts off what was appended and not synced. Where that fails, the next step tries again before it appends.
func (l *log) repair() error {
	if !l.hasUnsyncedTail {
		return nil
	}
	err := l.storage.Truncate(l.size)
	l.hasUnsyncedTail = err != nil
	return err
}
