package reconcile

const (
	minSchema = 1
	maxSchema = 3

	maxKey        = 64
	maxLabel      = 32
	maxKeys       = 1 << 20 // of a document
	maxEntries    = 256     // of a key
	maxEntryPairs = 64
	minExtra      = 16
	maxExtra      = 63
)

// Fields of an entry, R7.4.
const (
	entryOrigin = iota
	entryCounter
	entryClock
	entryKind
	entryValue
	entrySchema
	entryLabel
	entryPhysical
	entryLogical
)

// append writes the entry in the layout of a schema, R7.4 and R10.1.
func (e *Entry) append(b []byte, schema uint8) []byte {
	b = appendHead(b, majorMap, e.pairs(schema))
	b = appendBytes(appendField(b, entryOrigin), e.Dot.Origin)
	b = appendUint(b, entryCounter, e.Dot.Counter)
	if schema < 3 {
		b = appendClock(appendField(b, entryClock), e.Clock)
	}
	b = appendUint(b, entryKind, uint64(e.Kind))
	if e.Kind == Put {
		b = append(appendField(b, entryValue), e.Value...)
	} else if schema == 1 {
		b = append(appendField(b, entryValue), cborNull)
	}
	b = appendUint(b, entrySchema, uint64(e.Schema))
	if e.Label.Present {
		b = appendText(appendField(b, entryLabel), e.Label.Text)
	}
	if schema == 3 {
		b = appendUint(b, entryPhysical, e.Clock.Physical())
		b = appendUint(b, entryLogical, uint64(e.Clock.Logical()))
	}
	for _, extra := range e.Extras {
		b = append(appendField(b, uint64(extra.Field)), extra.Item...)
	}
	return b
}

// pairs counts the fields that append writes.
func (e *Entry) pairs(schema uint8) uint64 {
	n := 5 + len(e.Extras) // origin, counter, clock, kind, schema
	if schema == 3 {
		n++ // the clock in two
	}
	if e.Kind == Put || schema == 1 {
		n++
	}
	if e.Label.Present {
		n++
	}
	return uint64(n)
}

func appendClock(b []byte, c Clock) []byte {
	bytes := c.Bytes()
	return appendBytes(b, bytes[:])
}

func appendEntries(b []byte, entries []Entry, schema uint8) []byte {
	b = appendHead(b, majorArray, uint64(len(entries)))
	for i := range entries {
		b = entries[i].append(b, schema)
	}
	return b
}

// entries reads the array of a key's entries, which ascend by dot, R2.6.
func (r *reader) entries(schema uint8, lo uint64) []Entry {
	var entries []Entry
	for a := r.openArray(lo, maxEntries); a.next(); {
		e := r.entry(schema)
		if n := len(entries); n > 0 && r.err == nil {
			r.checkOrder(a.offset, entries[n-1].Dot.compare(e.Dot))
		}
		entries = append(entries, e)
	}
	return entries
}

// entry reads one entry in the layout of a schema, R7.4.
func (r *reader) entry(schema uint8) Entry {
	var e Entry
	var physical, logical uint64
	m := r.openFields(maxEntryPairs)
	for m.next() {
		if !m.accept(isFieldAllowed(m, &e, schema)) {
			break
		}
		switch m.key {
		case entryOrigin:
			e.Dot.Origin = Origin(r.bytes(minOrigin, maxOrigin))
		case entryCounter:
			e.Dot.Counter = r.unsigned(1, maxCounter)
		case entryClock:
			e.Clock = r.clock()
		case entryKind:
			e.Kind = Kind(r.unsigned(uint64(Put), uint64(Tombstone)))
		case entryValue:
			e.Value = r.entryValue(e.Kind)
		case entrySchema:
			e.Schema = uint8(r.unsigned(minSchema, maxSchema))
		case entryLabel:
			e.Label = NewLabel(r.text(0, maxLabel))
		case entryPhysical:
			physical = r.unsigned(0, maxPhysical)
		case entryLogical:
			logical = r.unsigned(0, maxLogical)
		default:
			e.Extras = append(e.Extras, Extra{uint8(m.key), r.extra()})
		}
	}
	if schema == 3 {
		e.Clock = NewClock(physical, uint16(logical))
	}
	m.require(requiredFields(e.Kind, schema)...)
	r.checkExtras(m.offset, e.Extras)
	return e
}

// isFieldAllowed says whether the present field has a place in this entry, R7.4. A kind that was left out counts
// as a put's, since its absence is the fault to report.
func isFieldAllowed(m *fields, e *Entry, schema uint8) bool {
	switch m.key {
	case entryOrigin, entryCounter, entryKind, entrySchema:
		return true
	case entryClock:
		return schema < 3
	case entryValue:
		return e.Kind == Put || schema == 1
	case entryLabel:
		return e.Kind == Put
	case entryPhysical, entryLogical:
		return schema == 3
	default:
		return m.key >= minExtra && m.key <= maxExtra
	}
}

func requiredFields(kind Kind, schema uint8) []uint64 {
	switch {
	case schema == 1, schema == 2 && kind == Put:
		return []uint64{entryOrigin, entryCounter, entryClock, entryKind, entryValue, entrySchema}
	case schema == 2:
		return []uint64{entryOrigin, entryCounter, entryClock, entryKind, entrySchema}
	case kind == Put:
		return []uint64{entryOrigin, entryCounter, entryKind, entryValue, entrySchema, entryPhysical, entryLogical}
	default:
		return []uint64{entryOrigin, entryCounter, entryKind, entrySchema, entryPhysical, entryLogical}
	}
}

func (r *reader) clock() Clock {
	var c Clock
	for _, b := range r.content(kindBytes, 8, 8) {
		c = c<<8 | Clock(b)
	}
	return c
}

// entryValue reads a put's value, R2.7, or the null that stands in its place in a tombstone of schema 1.
func (r *reader) entryValue(kind Kind) string {
	if kind == Tombstone {
		r.head(kindNull)
		return ""
	}
	start := r.pos
	value := r.value()
	if len(value) > maxValue {
		r.failLimit(start, 0, maxValue, uint64(len(value)))
	}
	return value
}

// checkExtras asks for the bytes of all extras together, R2.7.
func (r *reader) checkExtras(offset int, extras []Extra) {
	sum := 0
	for _, extra := range extras {
		sum += len(extra.Item)
	}
	if sum > maxExtras {
		r.failLimit(offset, 0, maxExtras, uint64(sum))
	}
}
