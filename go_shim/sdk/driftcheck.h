/*
 * The interface of a Go library of driftcheck: four functions, and a fifth for coverage. Each takes or returns
 * one message.
 *
 * Terms
 *
 *   library   A shared object that serves one contract. It holds an adapter and a subject.
 *   subject   The implementation under test.
 *   adapter   The code of the library that calls the subject.
 *   host      The process that has loaded the library. A host loads one library only.
 *   request   A batch of traces, in canonical CBOR.
 *   reply     What the subject did in each trace of a request, in canonical CBOR.
 *   note      Eight bytes that say which trace and step is being run. Another process may watch them.
 *
 * docs/reference/wire.md of driftcheck defines requests, replies and the note.
 *
 * Calling convention
 *
 * Call driftcheck_abi first. If it does not return DRIFTCHECK_ABI, call nothing else.
 *
 * The functions that return int32_t return 0 on success. Then *out holds the message. They return 1 on
 * failure. Then *out holds the text of the error, in UTF-8 and without a final NUL. A call fails if the request
 * cannot be read, if the library serves no contract, or if a map of coverage is of another build. In both cases *out_len is the length in bytes.
 *
 * What a subject does is an outcome in the reply, never a failure of the call. This includes a panic. A
 * subject can still end the process: by a panic in a goroutine of its own, by a fatal error of the Go runtime,
 * by os.Exit, or by a signal.
 *
 * Ownership
 *
 * The caller owns `in`. The library does not write to it, and does not use it after the call.
 *
 * The library owns *out and allocates it with malloc. *out is never NULL after a call. The caller returns it
 * once, through driftcheck_free.
 *
 * The caller owns `note` and aligns it to 8 bytes. The library writes to it only during driftcheck_run. Each
 * write is one atomic store in the byte order of the machine, which is little-endian. The note may lie in
 * memory that another process shares.
 *
 * Threading
 *
 * Any thread may call any function. Two calls of driftcheck_run or driftcheck_coverage must not overlap. Goroutines of the subject
 * may run on after driftcheck_run has returned.
 *
 * Signals
 *
 * At SIGQUIT the library prints the stacks of all goroutines to standard error and continues. It prints them
 * between the lines "driftcheck: goroutines" and "driftcheck: end of goroutines". This also works while
 * driftcheck_run hangs.
 *
 * Go cannot be unloaded, so a host must not call dlclose.
 *
 * cffi reads the part between the two markers. It knows no #ifndef, so that part has none. The declarations
 * have no const, because cgo generates them without it.
 */
#ifndef DRIFTCHECK_H
#define DRIFTCHECK_H

#include <stddef.h>
#include <stdint.h>

/* cffi: begin */
#define DRIFTCHECK_ABI 1

/* Returns the version of this interface. */
uint32_t driftcheck_abi(void);

/* Returns a description of the contract and the library in *out, as a CBOR map. */
int32_t driftcheck_describe(uint8_t **out, size_t *out_len);

/* Runs a request and returns the reply in *out. */
int32_t driftcheck_run(uint64_t *note, uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len);

/* Answers a question about coverage in *out. Only a library that is built for coverage has this function. */
int32_t driftcheck_coverage(uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len);

/* Returns the memory of *out to the library. */
void driftcheck_free(uint8_t *out);
/* cffi: end */

#endif
