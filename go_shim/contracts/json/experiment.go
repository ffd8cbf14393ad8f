//go:build (v2 && !goexperiment.jsonv2) || (!v2 && goexperiment.jsonv2)

package main

// GOEXPERIMENT=jsonv2 makes encoding/json/v2 importable, and makes it the base of encoding/json.
// So the subject of encoding/json is built without it, and the subject of encoding/json/v2 with it.
// subjects.toml sets it for both.
var _ = goexperiment_jsonv2_must_be_on_with_the_tag_v2_and_off_without_it
