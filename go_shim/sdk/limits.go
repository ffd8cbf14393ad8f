package driftcheck

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The limits of what a library sends, as docs/reference/limits.md gives them.
const (
	maxState = 8 << 20 // bytes, of one instance
	maxText  = 4096    // bytes, of the text of an error or a panic
	maxPanic = 2048    // bytes, of the words of a panic, so that its place is kept

	maxSuffix       = 32 // bytes of what a cut text ends with
	statusExhausted = 2
)

// cutText returns a text as UTF-8. One that is longer than longest bytes loses its end, and says how long it was.
func cutText(text string, longest int) string {
	valid := strings.ToValidUTF8(text[:min(len(text), longest)], "\ufffd")
	if len(text) <= longest && len(valid) <= longest {
		return valid
	}
	end := min(len(valid), longest-maxSuffix)
	for end < len(valid) && !utf8.RuneStart(valid[end]) {
		end--
	}
	return fmt.Sprintf("%s... (%s bytes)", valid[:end], grouped(len(text)))
}

// checkState ends the process if a state is larger than its limit. driftcheck reads the line that it prints.
func checkState(size int) {
	if size > maxState {
		fmt.Fprintf(os.Stderr, "driftcheck: exhausted: a state of %s bytes is larger than the limit of %s bytes\n",
			grouped(size), grouped(maxState))
		os.Exit(statusExhausted)
	}
}

// grouped returns a number with a comma between each three digits.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
