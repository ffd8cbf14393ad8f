package reconcile

import (
	"fmt"
	"slices"
)

// A link carries messages between a replica and its peer. It counts their cost, R9.10, and injects faults, R8.7.
type link struct {
	peer  Peer
	hooks Hooks
	cost  Cost

	isDamaged bool // a digest was changed on its way
}

func (l *link) ask(request []byte) ([][]byte, error) {
	isFirst := l.cost.Messages == 0
	l.cost.add(request)
	if isFirst && l.hooks.Injects(FaultLost) {
		return nil, interrupted(StageNone, FaultLost, nil)
	}
	replies, err := l.peer.Answer(request)
	if err != nil {
		if classOf(err) == 0 {
			err = interrupted(StageNone, FaultLost, err)
		}
		return nil, fmt.Errorf("ask the peer: %w", err)
	}
	for _, reply := range replies {
		l.cost.add(reply)
	}
	return l.deliver(replies), nil
}

// deliver returns the messages that arrive of those that the peer sent.
func (l *link) deliver(sent [][]byte) [][]byte {
	arrived := make([][]byte, 0, 2*len(sent))
	isRepeated := l.hooks.Injects(FaultRepeated)
	for _, message := range sent {
		arrived = append(arrived, message)
		if isRepeated {
			arrived = append(arrived, message)
		}
	}
	if l.hooks.Injects(FaultReordered) {
		slices.Reverse(arrived)
	}
	return arrived
}

// damageDigest changes the digest that the peer announced, if hooks inject that fault.
func (l *link) damageDigest(in *incoming) {
	if l.hooks.Injects(FaultDamaged) {
		l.isDamaged = true
		in.digest[len(in.digest)-1] ^= 0xff
	}
}
