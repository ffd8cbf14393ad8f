// Command verdicts says of each document on standard input, a line of hex, what fxamacker/cbor alone makes of it.
//
// It shares nothing with the adapter but the version of the library. Built with the tag strict it is strict.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
)

func main() {
	mode, err := options.DecMode()
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		document, err := hex.DecodeString(lines.Text())
		if err != nil {
			panic(err)
		}
		var v any
		if mode.Unmarshal(document, &v) == nil {
			fmt.Println("accepted")
		} else {
			fmt.Println("rejected")
		}
	}
	if lines.Err() != nil {
		panic(lines.Err())
	}
}
