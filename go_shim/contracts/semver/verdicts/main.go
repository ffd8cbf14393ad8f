// Command verdicts reads a text a line and prints, as a line of JSON, whether the Go libraries take it for a
// version: what they say themselves, by which the adapters are judged.
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
