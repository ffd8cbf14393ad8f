//go:build v2

// Command verdicts says of each document whether encoding/json/v2 reads it: the library alone, without adapter
// and SDK. Documents come as lines of hexadecimal; of each it prints accept or reject.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json/v2"
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
