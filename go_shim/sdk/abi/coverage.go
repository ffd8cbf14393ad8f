//go:build driftcheck_coverage

package abi

/*
#cgo CFLAGS: -I${SRCDIR}/..
#include "driftcheck.h"
*/
import "C"

import (
	"unsafe"

	"driftcheck/sdk"
)

//export driftcheck_coverage
func driftcheck_coverage(in *C.uint8_t, inLen C.size_t, out **C.uint8_t, outLen *C.size_t) C.int32_t {
	return answer(out, outLen, func() ([]byte, error) {
		return driftcheck.Coverage(unsafe.Slice((*byte)(unsafe.Pointer(in)), inLen))
	})
}
