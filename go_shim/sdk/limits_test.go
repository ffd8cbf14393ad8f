package driftcheck

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// A long text loses its end and says how long it was, also where it is not UTF-8.
func TestALongTextLosesItsEnd(t *testing.T) {
	for _, text := range []string{strings.Repeat("ü", 25_000_000), strings.Repeat("\xff", 50_000_000)} {
		cut := cutText(text, maxText)
		if len(cut) > maxText || !utf8.ValidString(cut) || !strings.HasSuffix(cut, "... (50,000,000 bytes)") {
			t.Errorf("got %d bytes that end with %q", len(cut), cut[len(cut)-30:])
		}
		if again := cutText(cut, maxText); again != cut {
			t.Errorf("got another text when it was cut again")
		}
	}
}

// A text of the limit is kept as it is.
func TestATextOfTheLimitIsKept(t *testing.T) {
	text := strings.Repeat("x", maxText)
	if got := cutText(text, maxText); got != text {
		t.Errorf("got %d bytes, want %d", len(got), len(text))
	}
}
