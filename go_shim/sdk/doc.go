// Package driftcheck is what a Go subject of a driftcheck contract is built with.
//
// An adapter's author uses four names: [Register] takes the contract that the generated package
// binds to the adapter; [Library] hands on an error as the library's own; [Broken] says that the
// adapter itself is at fault; [Unsupported] says that the subject cannot do a step.
// All other names are for generated code, which reads arguments from a [Reader], calls the
// adapter, and writes results to a [Writer].
//
// The package has no dependencies, since they would change the versions under test, and knows
// nothing of C: package abi, which generated code imports, is the door to it.
// What travels is described in docs/reference/wire.md of driftcheck.
package driftcheck
