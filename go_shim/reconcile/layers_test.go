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
	{"cbor_*.go", "detail.go"},
	{"class.go", "error.go", "hash.go"},
	{"clock.go", "vector.go", "schema_range.go", "value.go", "entry.go", "entry_codec.go"},
	{"policy.go", "rules.go", "argument.go", "slot.go", "zip.go", "ordered_map.go", "nibble_path.go", "tree.go", "part.go"},
	{"state.go", "migration.go"},
	{"message.go", "document.go", "request.go", "reply.go", "record.go"},
	{"view.go", "write.go", "merge.go", "check.go", "rollback.go", "gc.go"},
	{"hooks.go", "audit.go", "peer.go", "link.go", "pull.go", "walk.go"},
	{"storage.go", "memory.go", "file.go", "log.go", "step.go", "replica.go", "operations.go", "reconcile.go"},
}

// layerOf returns the number of a file's layer, or -1.
func layerOf(file string) int {
	return slices.IndexFunc(layers, func(layer []string) bool {
		return slices.ContainsFunc(layer, func(pattern string) bool {
			matches, _ := filepath.Match(pattern, file)
			return matches
		})
	})
}

// A file uses only what its own layer or a lower one declares.
func TestLayersKnowNoLaterOne(t *testing.T) {
	files, engine := typeCheck(t)
	for from, used := range uses(files, engine) {
		if layerOf(from) < 0 {
			t.Errorf("got no layer for %s", from)
		}
		for _, to := range used {
			if layerOf(from) < layerOf(to) {
				t.Errorf("%s uses %s, which is in a later layer", from, to)
			}
		}
	}
}

// Only the decoder declares methods on its reader, so that the reader knows no layout of a message.
func TestReaderKnowsNoLayout(t *testing.T) {
	_, engine := typeCheck(t)
	var found int
	for ident, object := range engine.info.Defs {
		method, ok := object.(*types.Func)
		if !ok || method.Signature().Recv() == nil || !strings.HasSuffix(method.Signature().Recv().Type().String(), ".reader") {
			continue
		}
		found++
		if file := engine.fileOf(ident.Pos()); layerOf(file) != 0 {
			t.Errorf("%s declares the method %s of the reader", file, ident.Name)
		}
	}
	if found == 0 {
		t.Error("got no methods of the reader")
	}
}

// A checked package has the types of all files of the engine but the tests.
type checked struct {
	pkg  *types.Package
	set  *token.FileSet
	info types.Info
}

func (c *checked) fileOf(pos token.Pos) string { return c.set.Position(pos).Filename }

func typeCheck(t *testing.T) (files []string, c *checked) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	c = &checked{set: token.NewFileSet()}
	var trees []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || name == "doc.go" {
			continue
		}
		file, err := parser.ParseFile(c.set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files, trees = append(files, name), append(trees, file)
	}
	c.info = types.Info{Uses: make(map[*ast.Ident]types.Object), Defs: make(map[*ast.Ident]types.Object)}
	config := types.Config{Importer: importer.Default()}
	if c.pkg, err = config.Check("reconcile", c.set, trees, &c.info); err != nil {
		t.Fatal(err)
	}
	return files, c
}

// uses returns, for each file, the files whose declarations it uses.
func uses(files []string, c *checked) map[string][]string {
	found := make(map[string][]string)
	for _, file := range files {
		found[file] = nil
	}
	for ident, object := range c.info.Uses {
		from, to := c.fileOf(ident.Pos()), c.fileOf(object.Pos())
		if object.Pkg() == c.pkg && !slices.Contains(found[from], to) {
			found[from] = append(found[from], to)
		}
	}
	return found
}
