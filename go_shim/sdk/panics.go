package driftcheck

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// guard calls body and returns the text of its panic, or "" if body does not panic.
// It is the one place that catches panics of a subject.
func guard(body func()) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprintf("%s (%s)", cutText(fmt.Sprint(v), maxPanic), place())
		}
	}()
	body()
	return ""
}

// place names the innermost frame of the current panic that does not belong to the Go runtime.
func place() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	panicking := false
	for {
		f, more := frames.Next()
		inRuntime := strings.HasPrefix(f.Function, "runtime.")
		if panicking && !inRuntime {
			return fmt.Sprintf("%s:%d, %s", path.Base(f.File), f.Line, f.Function)
		}
		panicking = panicking || inRuntime && strings.Contains(f.Function, "panic")
		if !more {
			return "in an unknown place"
		}
	}
}
