// Command deadly is the Go subject of the contract deadly: it dies in the way that DRIFTCHECK_DEADLY names.
package main

import (
	"os"
	"strings"
	"syscall"
	"time"

	"driftcheck/contracts/deadly/deadly"
	driftcheck "driftcheck/sdk"
)

// deaths are the ways to die, by name. A late_panic dies after the step has returned.
var deaths = map[string]func(){
	"panic":           func() { panic("on request") },
	"goroutine_panic": func() { go panicking(); wait() },
	"late_panic":      func() { go panickingLate() },
	"map_writes":      mapWrites,
	"stack_overflow":  func() { reached = deeper(0) },
	"exit":            func() { os.Exit(3) },
	"deadlock":        wait,
	"endless_loop":    endlessLoop,
	"memory":          memory,
	"segv":            segv,
}

type subject struct{ lived uint64 }

func open() (deadly.Subject, error) { return &subject{}, nil }

func (s *subject) State() uint64 { return s.lived }

func (s *subject) Live() (uint64, error) {
	s.lived++
	return s.lived, nil
}

func (s *subject) Die() error {
	language, kind, _ := strings.Cut(os.Getenv("DRIFTCHECK_DEADLY"), "-")
	if die, ok := deaths[kind]; ok && language == "go" {
		die()
	}
	return nil
}

func wait() { <-make(chan struct{}) }

func panicking() { panic("on request") }

func panickingLate() {
	time.Sleep(20 * time.Millisecond)
	panicking()
}

func mapWrites() {
	m := make(map[int]int)
	write := func() {
		for i := 0; ; i++ {
			m[i%16] = i
		}
	}
	go write()
	write()
}

// reached is a depth that never occurs. It is a variable, so that the compiler cannot know that.
var reached = -1

func deeper(n int) int {
	if n == reached {
		return n
	}
	return deeper(n+1) + 1
}

func endlessLoop() {
	for n := 0; ; n++ {
	}
}

var kept [][]byte

func memory() {
	for {
		block := make([]byte, 1<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		kept = append(kept, block)
	}
}

func segv() {
	page, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	page[0] = 1
}

func init() { driftcheck.Register(deadly.Contract(open)) }

func main() {}
