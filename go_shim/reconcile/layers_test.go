package reconcile

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers are those of doc.go, the lowest first.
var layers = [][]string{
	{"cbor_*.go", "decimal.go", "class.go", "error.go", "hash.go"},
	{"clock.go", "vector.go", "entry.go", "entry_codec.go"},
	{"policy.go", "rules.go", "argument.go", "slot.go", "zip.go", "ordered.go", "tree.go", "part.go"},
	{"state.go", "migration.go"},
	{"message.go", "document.go", "request.go", "reply.go", "record.go"},
	{"view.go", "write.go", "merge.go", "check.go", "upkeep.go"},
	{"hooks.go", "audit.go", "answer.go", "pull.go", "walk.go"},
	{"storage.go", "file.go", "log.go", "step.go", "replica.go", "operations.go", "reconcile.go"},
}

// layerOf gives the number of a file's layer, -1 where it has none.
func layerOf(file string) int {
	return slices.IndexFunc(layers, func(layer []string) bool {
		return slices.ContainsFunc(layer, func(pattern string) bool {
			matches, _ := filepath.Match(pattern, file)
			return matches
		})
	})
}

// A file names only what its own layer or a lower one declares.
func TestLayersKnowNoneBehindThem(t *testing.T) {
	found := uses(t)
	for from, used := range found {
		if layerOf(from) < 0 {
			t.Errorf("%s is in no layer", from)
		}
		for _, to := range used {
			if layerOf(from) < layerOf(to) {
				t.Errorf("%s uses %s", from, to)
			}
		}
	}
}

// uses gives, for each file of the engine, the files whose declarations it names.
func uses(t *testing.T) map[string][]string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	found := make(map[string][]string)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || name == "doc.go" {
			continue
		}
		found[name] = nil
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object)}
	config := types.Config{Importer: importer.Default()}
	engine, err := config.Check("reconcile", set, files, info)
	if err != nil {
		t.Fatal(err)
	}
	for ident, object := range info.Uses {
		from, to := set.Position(ident.Pos()).Filename, set.Position(object.Pos()).Filename
		if object.Pkg() == engine && !slices.Contains(found[from], to) {
			found[from] = append(found[from], to)
		}
	}
	return found
}
