// Command verdicts prints whether fxamacker/cbor accepts each document, without the adapter and the SDK.
// It reads one document from each line, as hexadecimal. With the tag strict it uses the strict options.
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
