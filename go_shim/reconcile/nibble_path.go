package reconcile

// A nibblePath leads from the root of the digest tree to a node, R6.3. Each byte holds one nibble (half byte), 0 to 15.
type nibblePath string

// child returns the path one step down.
func (p nibblePath) child(nibble int) nibblePath { return p + nibblePath([]byte{byte(nibble)}) }

// nibble returns the step that leaves the node at a depth.
func (p nibblePath) nibble(depth int) int { return int(p[depth]) }

// readNibblePath reads a path as a byte string with one nibble in each byte.
func readNibblePath(r *reader) nibblePath {
	start := r.pos
	path := nibblePath(r.content(kindBytes, 0, pathLen))
	for depth := range len(path) {
		if nibble := path.nibble(depth); nibble >= fanout {
			r.failRange(start, "0", decimal(fanout-1), decimal(nibble))
		}
	}
	return path
}
