// Command time is the Go subject of the contract time: the standard library's package time.
package main

import (
	"time"

	contract "driftcheck/contracts/time/time"
	driftcheck "driftcheck/sdk"
)

const (
	minute = 60              // seconds
	day    = 24 * 60         // minutes
	begin  = -62_167_219_200 // 0000-01-01T00:00:00
	end    = 253_402_041_600 // 9999-12-29T00:00:00
)

type adapter struct{}

func (adapter) Parse(text []byte) (contract.Stamp, error) {
	t, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return contract.Stamp{}, driftcheck.Library(err)
	}
	return stamp(t)
}

func (adapter) Show(s contract.Stamp) ([]byte, error) {
	return moment(s).AppendFormat(nil, time.RFC3339Nano), nil
}

func (adapter) Add(s contract.Stamp, nanoseconds int64) (contract.Stamp, error) {
	return stamp(moment(s).Add(time.Duration(nanoseconds)))
}

func (adapter) Compare(a, b contract.Stamp) (contract.Order, error) {
	return contract.OrderEqual + contract.Order(moment(a).Compare(moment(b))), nil
}

// moment converts a Stamp to a Time, in a zone with the offset of the Stamp.
func moment(s contract.Stamp) time.Time {
	offset := int(s.Offset) * minute
	return time.Unix(s.Seconds-int64(offset), int64(s.Nanosecond)).In(time.FixedZone("", offset))
}

// stamp converts a Time to a Stamp. It rejects a Time that is outside the range of a Stamp.
func stamp(t time.Time) (contract.Stamp, error) {
	_, offset := t.Zone()
	seconds := t.Unix() + int64(offset)
	isHeld := begin <= seconds && seconds < end &&
		offset%minute == 0 && -day < offset/minute && offset/minute < day
	if !isHeld {
		return contract.Stamp{}, contract.ErrOutOfRange
	}
	return contract.Stamp{
		Seconds:    seconds,
		Nanosecond: uint64(t.Nanosecond()),
		Offset:     int64(offset / minute),
	}, nil
}

func init() { driftcheck.Register(contract.Contract(adapter{})) }

func main() {}
