//go:build driftcheck_coverage

#include "textflag.h"

// The linker defines both symbols, and Go cannot name them.

// func counterBounds() (start, end uintptr)
TEXT ·counterBounds(SB), NOSPLIT, $0-16
	MOVD $runtime·covctrs(SB), R0
	MOVD R0, start+0(FP)
	MOVD $runtime·ecovctrs(SB), R0
	MOVD R0, end+8(FP)
	RET
