//go:build (v2 && !goexperiment.jsonv2) || (!v2 && goexperiment.jsonv2)

package main

// GOEXPERIMENT=jsonv2 puts encoding/json/v2 under encoding/json, and makes it importable: the subject of
// encoding/json must be built without it, that of encoding/json/v2 with it. See subjects.toml.
var _ = goexperiment_jsonv2_must_be_on_with_the_tag_v2_and_off_without_it
