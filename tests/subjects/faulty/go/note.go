package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"driftcheck/contracts/faulty/faulty"
)

const maxTitle = 8 // characters

var errNotCanonical = errors.New("the note is not in the form that write produces")

// write writes a note as three lines, its title in hexadecimal.
func write(note faulty.Note) []byte {
	done := "no"
	if note.Done {
		done = "yes"
	}
	return fmt.Appendf(nil, "title x%x\nstars %d\ndone %s", note.Title, note.Stars, done)
}

// read reads the output of write. Lines may also end in CRLF.
func read(document []byte) (faulty.Note, error) {
	text := strings.ReplaceAll(string(document), "\r\n", "\n")
	if planted("export_for_go") {
		text = strings.TrimSuffix(text, private)
	}
	lines := strings.Split(text, "\n")
	if len(lines) != 3 {
		return faulty.Note{}, fmt.Errorf("got %d lines, want 3", len(lines))
	}
	title, err := hex.DecodeString(strings.TrimPrefix(lines[0], "title x"))
	if err != nil {
		return faulty.Note{}, fmt.Errorf("read the title: %w", err)
	}
	stars, err := strconv.ParseUint(strings.TrimPrefix(lines[1], "stars "), 10, 64)
	if err != nil {
		return faulty.Note{}, fmt.Errorf("read the stars: %w", err)
	}
	note := faulty.Note{Title: string(title), Stars: stars, Done: lines[2] == "done yes"}
	if !utf8.Valid(title) || utf8.RuneCount(title) > maxTitle || stars > 9 {
		return faulty.Note{}, errors.New("the note is out of bounds")
	}
	if string(write(note)) != text {
		return faulty.Note{}, errNotCanonical
	}
	return note, nil
}
