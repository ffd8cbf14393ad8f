// Package driftcheck is the Go SDK of driftcheck: the part of a Go subject that every contract shares.
//
// The author of an adapter needs four names:
//
//   - [Register] names the contract that the library serves.
//     The generated package makes it from the adapter.
//   - [Library] marks an error as the library's own.
//   - [Broken] reports a fault of the adapter itself.
//   - [ErrUnsupported] says that the subject cannot do a step.
//
// The generated package calls all other names.
// For each step it reads the arguments from a [Reader], calls the adapter, and writes the result to a [Writer].
//
// The package has no dependencies, because a dependency would change the versions under test.
// It knows nothing of C; package abi exports it to C.
// docs/reference/wire.md of driftcheck defines the messages.
//
// The Rust SDK is the twin of this package.
// Both have the same files, and in them the same names in the same order:
// codec, writer, reader, contract, step, handles, outcome, panics, session, describe.
package driftcheck
