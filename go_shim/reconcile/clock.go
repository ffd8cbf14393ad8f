package reconcile

import "encoding/binary"

const (
	maxPhysical = 1<<48 - 1
	maxLogical  = 1<<16 - 1
	maxDrift    = 60000 // milliseconds, R3.6
)

// A Clock is a hybrid clock, R3.1: 48 bits of milliseconds above 16 bits of a count.
// So clocks compare as integers do.
type Clock uint64

// NewClock returns the clock (physical, logical). Physical is in milliseconds since 1970, below 2^48.
func NewClock(physical uint64, logical uint16) Clock { return Clock(physical<<16 | uint64(logical)) }

// Physical returns the milliseconds since 1970.
func (c Clock) Physical() uint64 { return uint64(c) >> 16 }

// Logical returns the count within a millisecond.
func (c Clock) Logical() uint16 { return uint16(c) }

// Bytes returns the eight bytes of R3.1.
func (c Clock) Bytes() [8]byte {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(c))
	return b
}

func (c Clock) hex() string {
	b := c.Bytes()
	return hexOf(b[:])
}

// tick returns the clock after a local event, R3.3.
func (c Clock) tick(now uint64) (Clock, error) {
	if now > c.Physical() {
		return NewClock(now, 0), nil
	}
	return c.next()
}

// receive returns the clock after a message with the remote clock, R3.4.
func (c Clock) receive(remote Clock, now uint64) (Clock, error) {
	latest := max(c, remote)
	if now > latest.Physical() {
		return NewClock(now, 0), nil
	}
	return latest.next()
}

// next adds one to the count within a millisecond, R3.5.
func (c Clock) next() (Clock, error) {
	if c.Logical() == maxLogical {
		return 0, &Error{Class: ErrClockOverflow, Path: "clock", Expected: "0 to 65535", Got: "65536",
			Hint: "wait for the next millisecond"}
	}
	return c + 1, nil
}

// checkDrift rejects a remote clock that is too far ahead of now, R3.6.
func checkDrift(remote Clock, now uint64) error {
	if remote.Physical() <= now+maxDrift {
		return nil
	}
	return &Error{Class: ErrClockDrift, Path: "clock", Expected: "at most " + decimal(now+maxDrift),
		Got: decimal(remote.Physical()), Hint: "compare the clocks of the two machines"}
}

func appendClock(b []byte, c Clock) []byte {
	bytes := c.Bytes()
	return appendBytes(b, bytes[:])
}

func readClock(r *reader) Clock {
	var c Clock
	for _, b := range r.content(kindBytes, 8, 8) {
		c = c<<8 | Clock(b)
	}
	return c
}
