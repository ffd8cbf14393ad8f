// Command csv is the Go subject of the contract csv: package encoding/csv.
package main

import (
	"bytes"
	"encoding/csv"

	contract "driftcheck-csv/csv"
	driftcheck "driftcheck/sdk"
)

type adapter struct{}

func (adapter) Read(document []byte) ([][]string, error) {
	records, err := csv.NewReader(bytes.NewReader(document)).ReadAll()
	return records, driftcheck.Library(err)
}

func (a adapter) ReadDefault(document []byte) ([][]string, error) { return a.Read(document) }

func (adapter) Write(record []string) (string, error) {
	var text bytes.Buffer
	writer := csv.NewWriter(&text)
	err := writer.Write(record)
	writer.Flush()
	return text.String(), driftcheck.Library(err)
}

func init() { driftcheck.Register(contract.Contract(adapter{})) }

func main() {}
