// Command verdicts prints whether each Go library accepts a text as a version, without the adapter and the SDK.
// It reads one text from each line, and prints a line of JSON. Tests compare the adapters with it.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"

	masterminds "github.com/Masterminds/semver/v3"
	"golang.org/x/mod/semver"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		text := lines.Text()
		_, strict := masterminds.StrictNewVersion(text)
		_, loose := masterminds.NewVersion(text)
		verdict := map[string]bool{
			"masterminds":       strict == nil,
			"masterminds-loose": loose == nil,
			"x-mod":             semver.IsValid("v" + text),
		}
		if err := out.Encode(verdict); err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}
