"""The package that `driftcheck new` writes: a new contract with an adapter in Go and one in Rust."""
