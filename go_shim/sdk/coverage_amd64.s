//go:build driftcheck_coverage

#include "textflag.h"

// The linker defines both symbols, and Go cannot name them.

// func counterBounds() (start, end uintptr)
TEXT ·counterBounds(SB), NOSPLIT, $0-16
	LEAQ runtime·covctrs(SB), AX
	MOVQ AX, start+0(FP)
	LEAQ runtime·ecovctrs(SB), AX
	MOVQ AX, end+8(FP)
	RET
