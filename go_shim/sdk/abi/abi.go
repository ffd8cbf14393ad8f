// Package abi exports the four calls of a driftcheck library to C, as driftcheck.h describes them.
//
// The generated package imports it for that effect alone. It is the only package of the SDK that knows C.
package abi

/*
#cgo CFLAGS: -I${SRCDIR}/..
#include <stdlib.h>
#include "driftcheck.h"
*/
import "C"

import (
	"fmt"
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
		// The SDK reads the caller's memory in place, and gives a subject copies only.
		request := unsafe.Slice((*byte)(unsafe.Pointer(in)), inLen)
		return driftcheck.Run((*uint64)(unsafe.Pointer(note)), request)
	})
}

//export driftcheck_free
func driftcheck_free(out *C.uint8_t) { C.free(unsafe.Pointer(out)) }

// answer hands a message, or the text of an error, to the caller.
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

// protect turns a panic of the SDK itself into an error.
// Without it the panic would end the process, and driftcheck would blame the subject.
func protect(message func() ([]byte, error)) (data []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the SDK panicked: %v\n%s", v, stacks(false))
		}
	}()
	return message()
}
