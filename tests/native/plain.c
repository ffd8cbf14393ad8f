/*
 * A library that is neither Go nor Rust: what its host does with each request is told by the
 * request's first byte, a capital; other requests come back as they are. Compiled with -DFAULT=... it cannot be loaded, each time for another reason.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driftcheck.h"

#define WRONG_ABI 1
#define NO_RUN 2
#define EXITS 3
#define SLEEPS 4
#define SPEAKS_NO_CBOR 5

#ifndef FAULT
#define FAULT 0
#endif

#if FAULT == EXITS
__attribute__((constructor)) static void load(void) {
    fputs("no licence found\n", stderr);
    exit(7);
}
#elif FAULT == SLEEPS
__attribute__((constructor)) static void load(void) { sleep(100); }
#endif

static int32_t answer(uint8_t *data, size_t length, uint8_t **out, size_t *out_len) {
    *out = malloc(length + 1);
    memcpy(*out, data, length);
    *out_len = length;
    return 0;
}

uint32_t driftcheck_abi(void) { return FAULT == WRONG_ABI ? 99 : DRIFTCHECK_ABI; }

int32_t driftcheck_describe(uint8_t **out, size_t *out_len) {
    static uint8_t empty_map[] = {0xa0}, break_only[] = {0xff};
    return answer(FAULT == SPEAKS_NO_CBOR ? break_only : empty_map, 1, out, out_len);
}

void driftcheck_free(uint8_t *out) { free(out); }

#if FAULT != NO_RUN
int32_t driftcheck_run(uint64_t *note, uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    switch (in_len > 0 ? in[0] : 0) {
    case 'R': /* refuse it */
        answer((uint8_t *)"no such thing", 13, out, out_len);
        return 1;
    case 'S': /* take as many steps of 50 ms as the second byte says */
        for (uint64_t step = 0; step < in[1]; step++) {
            *(volatile uint64_t *)note = step << 32;
            usleep(50 * 1000);
        }
        break;
    case 'H': /* hang in step 2 of trace 5 */
        *(volatile uint64_t *)note = (uint64_t)3 << 32 | 5;
        sleep(100);
        break;
    case 'P': /* print 8 MiB, and a last line */
        for (int i = 0; i < 8 << 17; i++) fputs("chatter\n", stdout);
        puts("last words");
        fflush(stdout);
        break;
    case 'D': /* die of a signal */
        *(volatile uint64_t *)note = 0;
        abort();
    case 'M': /* close standard output and error */
        close(1);
        close(2);
        break;
    case 'C': { /* leave a child behind, that holds all descriptors, and tell its number */
        int child = fork();
        if (child == 0) {
            sleep(100);
            _exit(0);
        }
        return answer((uint8_t *)&child, sizeof child, out, out_len);
    }
    }
    *(volatile uint64_t *)note = (uint64_t)0xffffffff << 32;
    return answer(in, in_len, out, out_len);
}
#endif
