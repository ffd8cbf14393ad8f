package driftcheck

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// ABI is the version of the four calls, which package abi exports to C.
const ABI = 1

// describe returns what a library says of itself before it runs: contract, toolchain, linked modules.
func (c *Contract) describe() []byte {
	var w Writer
	fields := []struct {
		name  string
		write func()
	}{
		{"abi", func() { w.Uint(ABI) }},
		{"protocol", func() { w.Uint(Protocol) }},
		{"contract", func() { w.Text(c.Name) }},
		{"fingerprint", func() { w.Text(c.Fingerprint) }},
		{"language", func() { w.Text("go") }},
		{"toolchain", func() { w.Text(runtime.Version()) }},
		{"libraries", func() { writeTexts(&w, libraries()) }},
		{"build", func() { w.Text(buildSettings()) }},
	}
	w.Map(len(fields))
	for _, f := range fields {
		mark := w.Mark()
		w.Text(f.name)
		f.write()
		w.Item(mark)
	}
	w.Sort(len(fields))
	return w.Data()
}

// libraries returns the linked modules, name to version, without this one.
func libraries() map[string]string {
	versions := make(map[string]string)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			version := m.Version
			if m.Replace != nil && m.Replace.Version != "" {
				version = m.Replace.Version
			}
			versions[m.Path] = version
		}
	}
	delete(versions, "driftcheck/sdk") // go.mod replaces it with a folder, so it has no version
	return versions
}

func writeTexts(w *Writer, texts map[string]string) {
	w.Map(len(texts))
	for name, text := range texts {
		mark := w.Mark()
		w.Text(name)
		w.Text(text)
		w.Item(mark)
	}
	w.Sort(len(texts))
}

// buildSettings returns how the library was built, as `go version -m` prints it.
func buildSettings() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var settings []string
	for _, s := range info.Settings {
		if strings.HasPrefix(s.Key, "-") || strings.HasPrefix(s.Key, "GO") {
			settings = append(settings, s.Key+"="+s.Value)
		}
	}
	return strings.Join(settings, " ")
}
