package reconcile

const (
	minSchema = 1
	maxSchema = 3
)

// A schemaRange says which schemas a reader accepts.
type schemaRange struct{ lo, hi uint8 }

var allSchemas = schemaRange{minSchema, maxSchema}

// acceptedSchemas returns what a reader at a schema accepts, R10.2.
func acceptedSchemas(schema uint8) schemaRange {
	return schemaRange{max(minSchema, schema-1), min(maxSchema, schema+1)}
}

func (s schemaRange) String() string { return "schema " + decimal(s.lo) + " to " + decimal(s.hi) }

func (s schemaRange) has(schema uint8) bool { return s.lo <= schema && schema <= s.hi }
