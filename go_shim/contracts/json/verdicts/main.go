//go:build !v2

// Command verdicts prints whether encoding/json accepts each document, without the adapter and the SDK.
// It reads one document from each line, as hexadecimal, and prints accept or reject.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		document, err := hex.DecodeString(lines.Text())
		if err != nil {
			panic(err)
		}
		var v any
		if json.Unmarshal(document, &v) == nil {
			fmt.Println("accept")
		} else {
			fmt.Println("reject")
		}
	}
}
