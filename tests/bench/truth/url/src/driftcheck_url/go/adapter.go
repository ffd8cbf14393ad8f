// Command url is the Go subject of the contract url: package net/url.
package main

import (
	"net/url"

	contract "driftcheck-url/url"
	driftcheck "driftcheck/sdk"
)

type adapter struct{}

func (adapter) Parse(text []byte) (contract.Parsed, error) {
	read, err := url.Parse(string(text))
	if err != nil {
		return contract.Parsed{}, driftcheck.Library(err)
	}
	return contract.Parsed{
		Scheme:   read.Scheme,
		Host:     read.Hostname(),
		Port:     read.Port(),
		Path:     read.Path,
		Query:    read.RawQuery,
		Fragment: read.Fragment,
		Text:     read.String(),
	}, nil
}

func (adapter) Join(base, reference []byte) (string, error) {
	from, err := url.Parse(string(base))
	if err != nil {
		return "", driftcheck.Library(err)
	}
	joined, err := from.Parse(string(reference))
	if err != nil {
		return "", driftcheck.Library(err)
	}
	return joined.String(), nil
}

func (adapter) Query(text []byte) (map[string][]string, error) {
	values, err := url.ParseQuery(string(text))
	return values, driftcheck.Library(err)
}

func (adapter) EscapeQuery(text string) (string, error) { return url.QueryEscape(text), nil }

func (adapter) EscapePath(text string) (string, error) { return url.PathEscape(text), nil }

func (adapter) UnescapePath(text []byte) (string, error) {
	plain, err := url.PathUnescape(string(text))
	return plain, driftcheck.Library(err)
}

func init() { driftcheck.Register(contract.Contract(adapter{})) }

func main() {}
