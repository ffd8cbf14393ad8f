// Package abi exports a driftcheck library's functions to C, as driftcheck.h describes them.
//
// Generated code imports it for that effect alone. It is the only package of the SDK that knows C.
package abi

/*
#cgo CFLAGS: -I${SRCDIR}/..
#include <stdlib.h>
#include "driftcheck.h"
*/
import "C"

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"unsafe"

	"driftcheck/sdk"
)

//export driftcheck_abi
func driftcheck_abi() C.uint32_t { return driftcheck.ABI }

//export driftcheck_describe
func driftcheck_describe(out **C.uint8_t, outLen *C.size_t) C.int32_t {
	return answer(out, outLen, driftcheck.Describe)
}

//export driftcheck_run
func driftcheck_run(note *C.uint64_t, in *C.uint8_t, inLen C.size_t, out **C.uint8_t, outLen *C.size_t) C.int32_t {
	return answer(out, outLen, func() ([]byte, error) {
		// The SDK reads the caller's memory in place and copies what it hands to a subject.
		request := unsafe.Slice((*byte)(unsafe.Pointer(in)), inLen)
		return driftcheck.Run((*uint64)(unsafe.Pointer(note)), request)
	})
}

//export driftcheck_free
func driftcheck_free(out *C.uint8_t) { C.free(unsafe.Pointer(out)) }

// answer hands a message, or an error's text, to the caller.
func answer(out **C.uint8_t, outLen *C.size_t, message func() ([]byte, error)) C.int32_t {
	data, err := protect(message)
	status := C.int32_t(0)
	if err != nil {
		data, status = []byte(err.Error()), 1
	}
	*out = (*C.uint8_t)(C.CBytes(data))
	*outLen = C.size_t(len(data))
	return status
}

// protect turns a panic of the SDK itself into an error: unwinding into C would end the process
// and be taken for the subject's doing.
func protect(message func() ([]byte, error)) (data []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the SDK panicked: %v\n%s", v, stacks(false))
		}
	}()
	return message()
}

// maxStack bounds the stack of a goroutine, in bytes. Go's own bound, 1 GB, lies beyond the memory
// that a host may have: recursion without end would take two seconds and look like a full heap.
const maxStack = 64 << 20

func init() { debug.SetMaxStack(maxStack) }

// A Go library that C has loaded prints nothing at SIGQUIT of its own accord.
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
