package reconcile

import "encoding/binary"

const (
	lengthSize = 4
	checkSize  = 8
)

// A check is the end of a frame: it depends on all frames before, R8.4.
type check [checkSize]byte

// after is the check of a frame with this record, R8.4.
func (c check) after(record []byte) check {
	b := append(tagged(nil, "reconcile/frame"), c[:]...)
	sum := hashOf(append(b, record...))
	return check(sum[:checkSize])
}

// A log is the log of a replica in its storage, R8.4.
type log struct {
	storage Storage
	size    int64 // bytes of the frames that are synced
	last    check
	ragged  bool // bytes that are to be cut off may follow
}

// load reads the frames, cuts off a torn tail, and gives the state of the last record, nil where there is
// none, R8.3 and R8.6.
func (l *log) load(writer string) (*state, error) {
	data, err := l.storage.Read()
	if err != nil {
		return nil, interrupted(None, failed, err)
	}
	var s *state
	for frame := 0; ; frame++ {
		rest := data[l.size:]
		if len(rest) < lengthSize {
			break
		}
		length := uint64(binary.BigEndian.Uint32(rest))
		if uint64(len(rest)) < lengthSize+length+checkSize {
			break
		}
		body := rest[lengthSize : lengthSize+length]
		next := l.last.after(body)
		if next != check(rest[lengthSize+length:][:checkSize]) {
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
		l.size += int64(lengthSize + length + checkSize)
		l.last = next
	}
	// The last frame may be of a process that was killed before it synced: what is shown must be durable.
	if err := l.storage.Truncate(l.size); err != nil {
		return nil, interrupted(None, failed, err)
	}
	return s, nil
}

func (l *log) corrupt(frame int, got string) error {
	return &Error{Class: ErrCorruptLog, Path: "frame " + decimal(frame), Offset: uint64(l.size),
		Expected: "a whole record", Got: got, Hint: "restore from another replica"}
}

// frame puts a record between its length and its check, R8.4.
func (l *log) frame(record []byte) (frame []byte, last check) {
	last = l.last.after(record)
	return append(appendLong(nil, record), last[:]...), last
}

// append writes a frame, or a part of one, that is not synced yet.
func (l *log) append(frame []byte) error {
	if err := l.mend(); err != nil {
		return err
	}
	l.ragged = true
	return l.storage.Append(frame)
}

// sync makes the frame that was appended durable, which acknowledges its step, R8.3.
func (l *log) sync(frame []byte, last check) error {
	if err := l.storage.Sync(); err != nil {
		return err
	}
	l.size += int64(len(frame))
	l.last, l.ragged = last, false
	return nil
}

// mend cuts off what was appended and not synced. Where that fails, the next step tries again before it appends.
func (l *log) mend() error {
	if !l.ragged {
		return nil
	}
	err := l.storage.Truncate(l.size)
	l.ragged = err != nil
	return err
}
