package abi

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
)

// maxStack limits the stack of a goroutine, in bytes. Go's own limit of 1 GB is more memory than a host may have.
// Endless recursion would take two seconds and look like a full heap.
const maxStack = 64 << 20

func init() { debug.SetMaxStack(maxStack) }

// A Go library that C has loaded prints nothing at SIGQUIT, so this prints the stacks of all goroutines.
func init() {
	quit := make(chan os.Signal, 1)
	signal.Notify(quit, syscall.SIGQUIT)
	go func() {
		for range quit {
			fmt.Fprintf(os.Stderr, "driftcheck: goroutines\n%s\ndriftcheck: end of goroutines\n", stacks(true))
		}
	}()
}

func stacks(all bool) []byte {
	const enough = 16 << 20
	for size := 64 << 10; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, all); n < size || size >= enough {
			return buf[:n]
		}
	}
}
