package reconcile

import (
	"maps"
	"math"
	"slices"
)

// Fields of a record after those of appendOrigin, R8.5.
const (
	recordEntries = iota + 5
	recordFlag
	recordSchema
	recordAcks
	recordMigrations
)

const maxMigrations = 1 << 20 // of one record, though a step appends only one

// appendRecord writes the record that turns one state into the next, R8.5. Before is nil for the first record.
func appendRecord(b []byte, before, after *state) []byte {
	if before == nil {
		before = &state{part: newPart(), chain: after.chain}
	}
	b = appendHead(appendHeader(b, kindRecord, after.schema), majorMap, 10)
	b = appendOrigin(b, after)
	changed := before.difference(after.part)
	sortByEncoding(changed)
	b = appendHead(appendField(b, recordEntries), majorMap, uint64(len(changed)))
	for _, s := range changed {
		b = appendEntries(appendBytes(b, s.key), s.entries, after.schema)
	}
	b = appendUint(b, recordFlag, uint64(after.flag))
	b = appendUint(b, recordSchema, uint64(after.schema))
	b = appendHead(appendField(b, recordAcks), majorMap, uint64(len(after.acks)))
	for _, member := range slices.SortedFunc(maps.Keys(after.acks), compareEncoded[string]) {
		b = after.acks[member].append(appendBytes(b, member))
	}
	links := after.chain[len(before.chain):]
	b = appendHead(appendField(b, recordMigrations), majorArray, uint64(len(links)))
	for i := range links {
		b = links[i].append(b)
	}
	return b
}

// A record is the content of one record of the log.
type record struct {
	incoming
	flag       Flag
	schema     uint8
	acks       map[string]Vector
	migrations []Migration
}

// readRecord reads a record of any schema, R8.5.
func readRecord(message []byte) (*record, error) {
	schema, r, err := readHeader(message, kindRecord, allSchemas)
	if err != nil {
		return nil, err
	}
	var rec record
	m := r.openFields(math.MaxUint64)
	for m.next() && m.accept(m.key <= recordMigrations) {
		switch m.key {
		case recordEntries:
			rec.slots = readSlots(r, schema, 0, maxKeys)
		case recordFlag:
			rec.flag = Flag(r.unsigned(uint64(FlagOff), uint64(FlagOn)))
		case recordSchema:
			rec.schema = uint8(r.unsigned(uint64(schema), uint64(schema)))
		case recordAcks:
			rec.acks = readAcknowledgements(r)
		case recordMigrations:
			for a := r.openArray(0, maxMigrations); a.next(); {
				rec.migrations = append(rec.migrations, readMigration(r))
			}
		default:
			rec.readField(r, m.key)
		}
	}
	m.require(fieldWriter, fieldEpoch, fieldClock, fieldVector, fieldWatermark,
		recordEntries, recordFlag, recordSchema, recordAcks, recordMigrations)
	r.end()
	if err := malformed(r.defect); err != nil {
		return nil, err
	}
	sortByKey(rec.slots)
	return &rec, nil
}

func readAcknowledgements(r *reader) map[string]Vector {
	acks := make(map[string]Vector)
	for m := r.openKeys(1, maxWriter, 0, maxMembers); m.next(); {
		acks[m.key] = readVector(r)
	}
	return acks
}

// replay returns the state after a record. The caller checks the chain.
func (s *state) replay(rec *record) *state {
	return &state{
		part:   s.with(rec.slots, rec.vector, rec.watermark),
		writer: rec.writer,
		epoch:  rec.epoch,
		clock:  rec.clock,
		flag:   rec.flag,
		schema: rec.schema,
		acks:   rec.acks,
		chain:  append(s.chain, rec.migrations...),
	}
}
