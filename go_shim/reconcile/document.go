package reconcile

import "math"

// Fields of a document, R7.4. Replies and records start with the first five.
const (
	fieldWriter = iota
	fieldEpoch
	fieldClock
	fieldVector
	fieldWatermark
	documentEntries
	documentDigest
)

// An incoming is a shared part that another replica sent, with what it says about its sender.
type incoming struct {
	writer    string
	epoch     uint32
	clock     Clock
	vector    Vector
	watermark Vector
	digest    Hash    // as the sender announced it
	slots     []*slot // those that may differ from the receiver's, ascending by key
}

// appendDocument writes the document of a state, R7.6.
func appendDocument(b []byte, s *state) []byte {
	b = appendHead(appendHeader(b, kindDocument, s.schema), majorMap, 7)
	b = appendOrigin(b, s)
	b = appendHead(appendField(b, documentEntries), majorMap, uint64(s.tree.size()))
	for _, slot := range s.byEncoding() {
		b = appendEntries(appendBytes(b, slot.key), slot.entries, s.schema)
	}
	return appendBytes(appendField(b, documentDigest), s.digest[:])
}

// appendOrigin writes the fields from writer to watermark.
func appendOrigin(b []byte, s *state) []byte {
	b = appendBytes(appendField(b, fieldWriter), s.writer)
	b = appendUint(b, fieldEpoch, uint64(s.epoch))
	b = appendClock(appendField(b, fieldClock), s.clock)
	b = s.vector.append(appendField(b, fieldVector))
	return s.watermark.append(appendField(b, fieldWatermark))
}

// readDocument reads a document, section 2 and R7.4.
func readDocument(message []byte, readable schemaRange) (*incoming, error) {
	schema, r, err := readHeader(message, kindDocument, readable)
	if err != nil {
		return nil, err
	}
	var in incoming
	m := r.openFields(math.MaxUint64)
	for m.next() && m.accept(m.key <= documentDigest) {
		switch m.key {
		case documentEntries:
			in.slots = readSlots(r, schema, 1, maxKeys)
		case documentDigest:
			in.digest = readHash(r)
		default:
			in.readField(r, m.key)
		}
	}
	m.require(fieldWriter, fieldEpoch, fieldClock, fieldVector, fieldWatermark, documentEntries, documentDigest)
	r.end()
	if err := malformed(r.defect); err != nil {
		return nil, err
	}
	sortByKey(in.slots)
	return &in, nil
}

// readField reads one of the fields from writer to watermark.
func (in *incoming) readField(r *reader, field uint64) {
	switch field {
	case fieldWriter:
		in.writer = r.bytes(1, maxWriter)
	case fieldEpoch:
		in.epoch = uint32(r.unsigned(0, math.MaxUint32))
	case fieldClock:
		in.clock = readClock(r)
	case fieldVector:
		in.vector = readVector(r)
	case fieldWatermark:
		in.watermark = readVector(r)
	}
}

// readSlots reads a map of at most limit keys to their entries. Each key has at least minEntries of them.
func readSlots(r *reader, schema uint8, minEntries, limit uint64) []*slot {
	var slots []*slot
	for m := r.openKeys(1, maxKey, 0, limit); m.next(); {
		if entries := readEntries(r, schema, minEntries); r.defect == nil {
			slots = append(slots, newSlot(m.key, entries))
		}
	}
	return slots
}
