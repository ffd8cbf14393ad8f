package reconcile

const (
	maxKey        = 64
	maxLabel      = 32
	maxExtras     = 256     // bytes of all extras of an entry
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

// pairs returns how many fields append writes.
func (e *Entry) pairs(schema uint8) uint64 {
	n := 5 + len(e.Extras) // origin, counter, clock, kind, schema
	if schema == 3 {
		n++ // the clock takes two fields
	}
	if e.Kind == Put || schema == 1 {
		n++
	}
	if e.Label.Present {
		n++
	}
	return uint64(n)
}

func appendEntries(b []byte, entries []Entry, schema uint8) []byte {
	b = appendHead(b, majorArray, uint64(len(entries)))
	for i := range entries {
		b = entries[i].append(b, schema)
	}
	return b
}

// readEntries reads the array of a key's entries, which ascend by dot, R2.6.
func readEntries(r *reader, schema uint8, lo uint64) []Entry {
	var entries []Entry
	for a := r.openArray(lo, maxEntries); a.next(); {
		e := readEntry(r, schema)
		if n := len(entries); n > 0 && r.defect == nil {
			r.checkOrder(a.offset, entries[n-1].Dot.compare(e.Dot))
		}
		entries = append(entries, e)
	}
	return entries
}

// readEntry reads one entry in the layout of a schema, R7.4.
func readEntry(r *reader, schema uint8) Entry {
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
			e.Dot.Counter = r.unsigned(1, counterLimit)
		case entryClock:
			e.Clock = readClock(r)
		case entryKind:
			e.Kind = Kind(r.unsigned(uint64(Put), uint64(Tombstone)))
		case entryValue:
			e.Value = readEntryValue(r, e.Kind)
		case entrySchema:
			e.Schema = uint8(r.unsigned(minSchema, maxSchema))
		case entryLabel:
			e.Label = NewLabel(r.text(0, maxLabel))
		case entryPhysical:
			physical = r.unsigned(0, maxPhysical)
		case entryLogical:
			logical = r.unsigned(0, maxLogical)
		default:
			e.Extras = append(e.Extras, Extra{uint8(m.key), readExtra(r)})
		}
	}
	if schema == 3 {
		e.Clock = NewClock(physical, uint16(logical))
	}
	m.require(requiredFields(e.Kind, schema)...)
	checkExtras(r, m.offset, e.Extras)
	return e
}

// isFieldAllowed reports whether the layout allows the current field in this entry, R7.4.
// If the kind is missing, the entry counts as a put, so that the missing kind is what gets reported.
func isFieldAllowed(m *fieldReader, e *Entry, schema uint8) bool {
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

// readEntryValue reads the value of a put, R2.7. In schema 1 a tombstone has null in its place.
func readEntryValue(r *reader, kind Kind) string {
	if kind == Tombstone {
		r.head(kindNull)
		return ""
	}
	start := r.pos
	value := readValue(r)
	if len(value) > maxValue {
		r.failLimit(start, 0, maxValue, uint64(len(value)))
	}
	return value
}

// checkExtras fails if the extras of an entry have too many bytes together, R2.7.
func checkExtras(r *reader, offset int, extras []Extra) {
	sum := 0
	for _, extra := range extras {
		sum += len(extra.Item)
	}
	if sum > maxExtras {
		r.failLimit(offset, 0, maxExtras, uint64(sum))
	}
}
