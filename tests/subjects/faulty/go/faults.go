package main

import (
	"math/rand/v2"
	"os"
	"sync/atomic"
)

var fault = os.Getenv("DRIFTCHECK_FAULT")

// planted reports whether the fault of that name is planted.
func planted(name string) bool { return fault == name }

// past is what happened to an entry.
type past struct {
	renamed     bool
	long        bool // a put stored at least nine bytes
	longRenamed bool // and a rename followed
}

func pastOf(value []byte) past { return past{long: len(value) >= 9} }

// private is the ending that only the fault export_for_go writes and reads.
const private = "\n# go"

var counted atomic.Uint64 // calls of Count in this process

func guess() uint64 { return rand.Uint64() >> 1 }

func panicking() { panic("a walk was finished") }

func wait() { <-make(chan struct{}) }

func exit() { os.Exit(3) }
