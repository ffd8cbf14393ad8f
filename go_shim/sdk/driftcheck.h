/*
 * What a Go library of driftcheck exports: four functions, each a message in and a message out.
 *
 * Terms. A *library* holds one contract's adapter and the implementation under test, its
 * *subject*. A *host* is the process that has loaded the library; it holds one library only. A
 * *request* is a batch of traces, a *reply* has one entry per trace; both are canonical CBOR, as
 * docs/reference/wire.md of driftcheck describes. The *note* is eight bytes that tell which trace
 * and step is being run, for whoever watches the host from outside.
 *
 * Calling convention. driftcheck_abi comes first: where it does not return DRIFTCHECK_ABI, call
 * nothing else. The functions that return int32_t return 0 when they succeed; then *out holds the
 * message. Otherwise they return 1, and *out holds the error's text, in UTF-8 and without a final
 * NUL: the request could not be read, or the library serves no contract. Either way *out_len is
 * its length in bytes. What a subject does, a panic included, is an outcome within the reply and
 * never an error of the call. A subject can still end the process: by a panic in a goroutine of
 * its own, a fatal error of the Go runtime, os.Exit, or a signal.
 *
 * Ownership. `in` stays the caller's, is not written to, and is not used after the call. *out is
 * the library's, by malloc, and never NULL after a call returned; the caller gives it back, once,
 * through driftcheck_free. `note` is the caller's, must be aligned to 8 bytes, and is written to
 * only during driftcheck_run, each time by one atomic store in the machine's byte order, which is
 * little-endian; it may lie in memory that another process shares.
 *
 * Threading. Any thread may call, but calls of driftcheck_run must not overlap. Goroutines that a
 * subject started may go on after driftcheck_run has returned.
 *
 * Signals. At SIGQUIT the library prints the stacks of all goroutines to standard error, between
 * the lines "driftcheck: goroutines" and "driftcheck: end of goroutines", and goes on. The
 * signal works while driftcheck_run hangs. Go cannot be unloaded: there is no dlclose.
 *
 * What stands between the two markers is read by cffi too, which knows neither #ifndef nor, beside
 * what cgo generates for exported functions, const.
 */
#ifndef DRIFTCHECK_H
#define DRIFTCHECK_H

#include <stddef.h>
#include <stdint.h>

/* cffi: begin */
#define DRIFTCHECK_ABI 1

/* Return the version of this interface. */
uint32_t driftcheck_abi(void);

/* Describe the contract and the library, as a CBOR map. */
int32_t driftcheck_describe(uint8_t **out, size_t *out_len);

/* Run a request and return its reply. */
int32_t driftcheck_run(uint64_t *note, uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len);

/* Give back what a call returned in *out. */
void driftcheck_free(uint8_t *out);
/* cffi: end */

#endif
