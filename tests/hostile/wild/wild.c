/*
 * The library of a subject that misbehaves as DRIFTCHECK_WILD tells it: a moment, a hyphen and an action.
 *
 * Reads and writes as much of docs/reference/wire.md as the contract `wild` needs.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driftcheck.h"

#define MIB (1 << 20)
#define LONG_S 100 /* much longer than any deadline */

/* What spoils the reply to the trace that is being run. */
enum {
    WELL, GARBAGE, SHORT, LARGE, MANY_ITEMS, ITEMS_BELOW, DEEP, LONG_TEXT, LARGE_STATE, ILL_TYPED, NO_SUCH_OUTCOME,
    HOLDS_ITSELF, LONG_NUMBER, PATTERN
};
static int spoilt;
static uint64_t *shared_note;

/* --- Places to misbehave in ------------------------------------------------------------------- */

static int stream(void) {
    int found = -1;
    char name[64], target[64];
    for (int fd = 3; fd < 4096; fd++) {
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(name, target, sizeof target - 1);
        if (length > 0 && strncmp(target, "socket:", 7) == 0) found = fd;
    }
    return found;
}

static void send_all(const void *data, size_t length) {
    int fd = stream();
    for (const char *at = data; length > 0;) {
        ssize_t sent = write(fd, at, length);
        if (sent <= 0) return;
        at += sent, length -= (size_t)sent;
    }
}

static void send_zeros(size_t mib) {
    static char zeros[MIB];
    while (mib-- > 0) send_all(zeros, sizeof zeros);
}

static void print(int fd, const char *text, size_t times) {
    size_t length = strlen(text);
    char *line = malloc(length * 1024);
    for (int i = 0; i < 1024; i++) memcpy(line + (size_t)i * length, text, length);
    for (size_t i = 0; i < times; i++)
        if (write(fd, line, length * 1024) < 0) break;
    free(line);
}

static void *sleeping(void *unused) { return sleep(LONG_S), unused; }
static void *printing(void *unused) {
    for (;;) print(1, "chatter\n", 1);
    return unused;
}
static void *looping(void *unused) {
    for (volatile int i = 0;; i++) {}
    return unused;
}
static void *stopping(void *unused) { return usleep(5000), raise(SIGSTOP), unused; }

static void start(void *(*body)(void *), int threads) {
    pthread_t thread;
    while (threads-- > 0 && pthread_create(&thread, NULL, body, NULL) == 0) {}
}

static void handler(int number) { (void)number; }

static void handle_all(void (*how)(int)) {
    for (int number = 1; number < 32; number++) signal(number, how);
}

/* Starts a process that nobody waits for, in a session of its own. */
static void daemonise(void (*body)(void)) {
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            body();
            sleep(LONG_S);
        }
        _exit(0);
    }
    wait(NULL);
}

static void nothing(void) {}
static void exec_bare(void) { execle("/bin/sleep", "sleep", "100", NULL, (char *[]){NULL}); }
static void close_everything(void) { close_range(0, ~0U, 0); }
static void holds_out(void) { handle_all(SIG_IGN); }
static void daemon_of_daemon(void) { daemonise(nothing); }

static int deeper(volatile int depth) {
    volatile char room[4096];
    room[0] = (char)depth;
    return deeper(depth + 1) + room[0];
}

static void limit(int what, rlim_t most) {
    struct rlimit limits = {most, most};
    setrlimit(what, &limits);
}

/* --- Actions ---------------------------------------------------------------------------------- */

#define ACTION(name) static void name(void)

ACTION(noise_byte) { send_all("\0", 1); }
ACTION(noise_text) { send_all("hello, world\n", 13); }
ACTION(noise_length) { send_all("\xff\xff\xff\xff", 4); }
ACTION(noise_length_zero) { send_all("\0\0\0\0", 4); }
ACTION(noise_length_data) { send_all("\xff\xff\xff\xf0", 4), send_zeros(200); }
ACTION(noise_large_reply) { send_all("\xff\xff\xff\xf0\x82\x65reply\x5a\xff\xff\xff\xe0", 16), send_zeros(200); }
ACTION(noise_large_ready) { send_all("\xff\xff\xff\xf0\x82\x65ready\xbb\xff\xff\xff\xff\xff\xff\xff\xff", 20); }
ACTION(noise_reply_of_nothing) { send_all("\0\0\0\x08\x82\x65reply\x40", 12); }
ACTION(noise_reply_of_list) { send_all("\0\0\0\x09\x82\x65reply\x41\x80", 13); }
ACTION(noise_reply_unknown_length) { send_all("\0\0\0\x08\x82\x65reply\x5f", 12); }
ACTION(noise_reply_cut) { send_all("\0\0\0\x40\x82\x65reply\x58\x36", 13); }
ACTION(noise_other_word) { send_all("\0\0\0\x08\x82\x65rePly\x40", 12); }
ACTION(noise_failed) { send_all("\0\0\0\x0a\x82\x66" "failed\x61x", 14); }
ACTION(noise_error) { send_all("\0\0\0\x09\x82\x65" "error\x61x", 13); }
ACTION(noise_error_exit) { noise_error(), _exit(0); }
ACTION(noise_error_sleep) { noise_error(), sleep(LONG_S); }
ACTION(noise_ready) { send_all("\0\0\0\x08\x82\x65ready\xa0", 12); }
ACTION(drip_reply) {
    send_all("\0\x7f\xff\xff\x82\x65reply\x5a\0\x7f\xff\xf3", 16);
    for (;;) send_all("x", 1), usleep(1000);
}
ACTION(noise_own_number) { print(3, "three\n", 1), print(4, "four\n", 1), print(5, "five\n", 1); }
ACTION(noise_everywhere) {
    for (int fd = 3; fd < 1100; fd++)
        if (write(fd, "x", 1) < 0) continue;
}
ACTION(noise_endless) {
    for (;;) send_zeros(1);
}
ACTION(read_stream) {
    char taken[16];
    while (read(stream(), taken, sizeof taken) >= 0) {}
}
ACTION(close_stream) { close(stream()); }
ACTION(close_stream_sleep) { close(stream()), sleep(LONG_S); }
ACTION(replace_stream) { dup2(open("/dev/null", O_RDWR), stream()); }
ACTION(block_stream) { fcntl(stream(), F_SETFL, O_NONBLOCK); }
static void *blocking(void *unused) {
    for (;;) block_stream(), usleep(50);
    return unused;
}
ACTION(block_stream_always) { start(blocking, 1); }
ACTION(hurry_stream) {
    struct timeval soon = {0, 1000};
    setsockopt(stream(), SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    setsockopt(stream(), SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
}
ACTION(shut_stream) {
    char *path = "/proc/self/fd";
    (void)path;
    syscall(SYS_shutdown, stream(), 2);
}
ACTION(close_small) { close_range(0, 63, 0); }
ACTION(close_all) { close_everything(); }
ACTION(close_all_sleep) { close_everything(), sleep(LONG_S); }
ACTION(open_all) {
    while (open("/dev/null", O_RDONLY) >= 0) {}
}

ACTION(reply_garbage) { spoilt = GARBAGE; }
ACTION(reply_short) { spoilt = SHORT; }
ACTION(reply_large) { spoilt = LARGE; }
ACTION(reply_many_items) { spoilt = MANY_ITEMS; }
ACTION(reply_items_below) { spoilt = ITEMS_BELOW; }
ACTION(reply_deep) { spoilt = DEEP; }
ACTION(reply_long_text) { spoilt = LONG_TEXT; }
ACTION(reply_large_state) { spoilt = LARGE_STATE; }
ACTION(reply_ill_typed) { spoilt = ILL_TYPED; }
ACTION(reply_no_such_outcome) { spoilt = NO_SUCH_OUTCOME; }
ACTION(reply_holds_itself) { spoilt = HOLDS_ITSELF; }
ACTION(reply_long_number) { spoilt = LONG_NUMBER; }
ACTION(reply_pattern) { spoilt = PATTERN; }

ACTION(print_stdout) { print(1, "chatter\n", 10 * 128); }
ACTION(print_stderr) { print(2, "chatter\n", 10 * 128); }
ACTION(print_long_line) { print(1, "x", 20 * 1024); }
ACTION(print_not_text) { print(2, "\xff\x1b[2J\x80", 128); }
ACTION(print_endless) { printing(NULL); }
ACTION(print_thread) { start(printing, 1); }
ACTION(print_panics) { print(2, "thread ' panicked at x:1:1 ", 64), print(2, "\n", 1), abort(); }
ACTION(print_traceback) { print(2, "Traceback (most recent call last):\n  x\n", 32), exit(1); }
ACTION(print_goroutines) { print(2, "panic: x\n\ngoroutine 1 [running]:\nmain.f.func1.func1.func1(((\n", 16), abort(); }
ACTION(print_exhausted) { print(2, "driftcheck: exhausted: nothing\n", 1), exit(2); }

ACTION(exec_true) { execl("/bin/true", "true", NULL); }
ACTION(exec_sleep) { execl("/bin/sleep", "sleep", "100", NULL); }
ACTION(exec_echo) { execl("/bin/echo", "echo", "hello", NULL); }
ACTION(fork_exit) {
    if (fork() == 0) exit(0);
}
ACTION(fork_return) {
    if (fork() == 0) usleep(1000); /* two hosts answer */
}
ACTION(fork_sleep) {
    if (fork() == 0) sleep(LONG_S), _exit(0);
}
ACTION(fork_many) {
    for (int i = 0; i < 100; i++)
        if (fork() == 0) sleep(LONG_S), _exit(0);
}
ACTION(fork_zombies) {
    for (int i = 0; i < 100; i++)
        if (fork() == 0) _exit(0);
}
ACTION(fork_stopped) {
    if (fork() == 0) raise(SIGSTOP), _exit(0);
}
ACTION(fork_then_die) {
    if (fork() == 0) sleep(LONG_S), _exit(0);
    abort();
}
ACTION(daemon_sleep) { daemonise(nothing); }
ACTION(daemon_bare) { daemonise(exec_bare); }
ACTION(daemon_closed) { daemonise(close_everything); }
ACTION(daemon_holds_out) { daemonise(holds_out); }
ACTION(daemon_again) { daemonise(daemon_of_daemon); }
ACTION(daemon_many) {
    for (int i = 0; i < 30; i++) daemonise(nothing);
}
ACTION(daemon_then_die) { daemonise(nothing), abort(); }
ACTION(daemon_then_hang) { daemonise(nothing), sleep(LONG_S); }

ACTION(stop_self) { raise(SIGSTOP); }
ACTION(stop_soon) { start(stopping, 1), sleep(LONG_S); }
ACTION(stop_group) { kill(0, SIGSTOP); }
ACTION(stop_parent) { kill(getppid(), SIGSTOP); }
ACTION(kill_self) { raise(SIGKILL); }
ACTION(kill_group) { kill(0, SIGKILL); }
ACTION(kill_parent) { kill(getppid(), SIGKILL), sleep(1); }
ACTION(terminate_self) { signal(SIGTERM, SIG_DFL), raise(SIGTERM); }
ACTION(interrupt_self) { signal(SIGINT, SIG_DFL), raise(SIGINT); }
ACTION(interrupt_parent) { kill(getppid(), SIGINT); }
ACTION(real_time_signal) { raise(SIGRTMIN + 5); }
ACTION(alarm_soon) { signal(SIGALRM, SIG_DFL), ualarm(1000, 0), sleep(LONG_S); }
ACTION(block_signals) {
    sigset_t all;
    sigfillset(&all), sigprocmask(SIG_BLOCK, &all, NULL);
}
ACTION(block_signals_sleep) { block_signals(), sleep(LONG_S); }
ACTION(ignore_signals) { handle_all(SIG_IGN); }
ACTION(ignore_signals_sleep) {
    handle_all(SIG_IGN);
    for (;;) sleep(LONG_S);
}
ACTION(handle_signals_sleep) {
    handle_all(handler);
    for (;;) sleep(LONG_S);
}

ACTION(threads_many) { start(sleeping, 200); }
ACTION(threads_without_end) { start(sleeping, 1 << 20), abort(); }
ACTION(thread_loop) { start(looping, 1); }
ACTION(thread_exit) { start(sleeping, 1), pthread_exit(NULL); }

ACTION(exit_0) { exit(0); }
ACTION(exit_0_at_once) { _exit(0); }
ACTION(exit_3) { exit(3); }
ACTION(exit_255) { _exit(255); }
ACTION(die_of_abort) { abort(); }
ACTION(die_of_fault) { *(volatile int *)8 = 1; }
ACTION(die_of_stack) { deeper(0); }
ACTION(die_of_division) { raise(SIGFPE); }
ACTION(die_of_trap) { __builtin_trap(); }
ACTION(hang_asleep) { sleep(LONG_S); }
ACTION(hang_busy) { looping(NULL); }
ACTION(hang_in_read) {
    int ends[2];
    char taken;
    if (pipe(ends) == 0 && read(ends[0], &taken, 1) < 0) return;
}

ACTION(memory_without_end) {
    for (;;) {
        char *taken = malloc(16 * MIB);
        if (taken == NULL) fputs("memory allocation of 16777216 bytes failed\n", stderr), abort();
        memset(taken, 1, 16 * MIB);
    }
}
ACTION(memory_much) { memset(malloc(200 * MIB), 1, 200 * MIB); }
ACTION(limit_files) { limit(RLIMIT_NOFILE, 0); }
ACTION(limit_memory) { limit(RLIMIT_AS, MIB); }
ACTION(limit_stack) { limit(RLIMIT_STACK, 4096); }
ACTION(limit_processor) { limit(RLIMIT_CPU, 1), looping(NULL); }
ACTION(limit_file_size) { limit(RLIMIT_FSIZE, 0); }
ACTION(limit_cores) { limit(RLIMIT_CORE, RLIM_INFINITY), abort(); }

ACTION(change_folder) {
    if (chdir("/") != 0) abort();
}
ACTION(remove_folder) {
    char name[] = "/tmp/wild-XXXXXX";
    if (mkdtemp(name) == NULL || chdir(name) != 0 || rmdir(name) != 0) abort();
}
ACTION(change_mask) { umask(0777); }
ACTION(change_environment) { clearenv(), setenv("LD_PRELOAD", "/nowhere.so", 1); }
ACTION(change_session) { setsid(); }
ACTION(change_group) { setpgid(0, 0); }
ACTION(change_group_sleep) { setsid(), sleep(LONG_S); }
ACTION(change_priority) { (void)!nice(19); }
ACTION(change_name) { prctl(PR_SET_NAME, ") Z 1\n("); }
ACTION(outlive_parent) { prctl(PR_SET_PDEATHSIG, 0), handle_all(SIG_IGN); }
ACTION(hide) { prctl(PR_SET_DUMPABLE, 0); }
ACTION(scribble_note) { memset(shared_note, 0xff, 4096); }
ACTION(scribble_note_sleep) { memset(shared_note, 0xff, 4096), sleep(LONG_S); }
ACTION(note_of_init) { ((uint32_t *)shared_note)[2] = 1, sleep(LONG_S); }
ACTION(note_far_away) { *shared_note = (uint64_t)77777 << 32 | 99999, sleep(LONG_S); }
static void *noting(void *unused) {
    for (;;) ++*(volatile uint64_t *)shared_note, usleep(1000);
    return unused;
}
ACTION(note_endless_sleep) { start(noting, 1), sleep(LONG_S); }
static void end_as(uint32_t status) {
    shared_note[1] = (uint64_t)status << 32;
    kill(getppid(), SIGKILL), sleep(1);
}
ACTION(end_as_stopped) { end_as(0x137f + 1); }
ACTION(end_as_nothing) { end_as(0xfffffff0); }
ACTION(end_as_far_away) { end_as(0x1234580); }
ACTION(shrink_note) {
    const char *folder = "/proc/self/map_files";
    char name[512], target[64];
    DIR *files = opendir(folder);
    for (struct dirent *one; files != NULL && (one = readdir(files)) != NULL;) {
        snprintf(name, sizeof name, "%s/%s", folder, one->d_name);
        ssize_t length = readlink(name, target, sizeof target - 1);
        if (length > 0 && memmem(target, (size_t)length, "driftcheck-note", 15) != NULL && truncate(name, 0) == 0)
            abort();
    }
    if (files != NULL) closedir(files);
}
ACTION(unmap_note) { munmap(shared_note, 4096); }

#define ALL(_)                                                                                                    \
    _(noise_byte) _(noise_text) _(noise_length) _(noise_length_zero) _(noise_length_data) _(noise_large_reply)    \
    _(noise_large_ready) _(noise_reply_of_nothing) _(noise_reply_of_list) _(noise_reply_unknown_length)           \
    _(noise_reply_cut) _(noise_other_word) _(noise_failed) _(noise_ready) _(noise_own_number) _(noise_everywhere) \
    _(noise_endless) _(read_stream) _(close_stream) _(close_stream_sleep) _(replace_stream) _(block_stream)       \
    _(noise_error) _(noise_error_exit) _(noise_error_sleep) _(drip_reply) _(block_stream_always) _(hurry_stream)  \
    _(reply_holds_itself) _(reply_long_number) _(reply_pattern) _(note_endless_sleep) _(end_as_stopped)           \
    _(end_as_nothing) _(end_as_far_away) _(shrink_note)                                                           \
    _(shut_stream) _(close_small) _(close_all) _(close_all_sleep) _(open_all)                                     \
    _(reply_garbage) _(reply_short) _(reply_large) _(reply_many_items) _(reply_items_below) _(reply_deep) _(reply_long_text)           \
    _(reply_large_state) _(reply_ill_typed) _(reply_no_such_outcome)                                              \
    _(print_stdout) _(print_stderr) _(print_long_line) _(print_not_text) _(print_endless) _(print_thread)         \
    _(print_panics) _(print_traceback) _(print_goroutines) _(print_exhausted)                                     \
    _(exec_true) _(exec_sleep) _(exec_echo) _(fork_exit) _(fork_return) _(fork_sleep) _(fork_many)                \
    _(fork_zombies) _(fork_stopped) _(fork_then_die) _(daemon_sleep) _(daemon_bare) _(daemon_closed)              \
    _(daemon_holds_out) _(daemon_again) _(daemon_many) _(daemon_then_die) _(daemon_then_hang)                     \
    _(stop_self) _(stop_soon) _(stop_group) _(stop_parent) _(kill_self) _(kill_group) _(kill_parent)              \
    _(terminate_self) _(interrupt_self) _(interrupt_parent) _(real_time_signal) _(alarm_soon) _(block_signals)    \
    _(block_signals_sleep) _(ignore_signals) _(ignore_signals_sleep) _(handle_signals_sleep)                      \
    _(threads_many) _(threads_without_end) _(thread_loop) _(thread_exit)                                          \
    _(exit_0) _(exit_0_at_once) _(exit_3) _(exit_255) _(die_of_abort) _(die_of_fault) _(die_of_stack)             \
    _(die_of_division) _(die_of_trap) _(hang_asleep) _(hang_busy) _(hang_in_read)                                 \
    _(memory_without_end) _(memory_much) _(limit_files) _(limit_memory) _(limit_stack) _(limit_processor)         \
    _(limit_file_size) _(limit_cores)                                                                             \
    _(change_folder) _(remove_folder) _(change_mask) _(change_environment) _(change_session) _(change_group)      \
    _(change_group_sleep) _(change_priority) _(change_name) _(outlive_parent) _(hide) _(scribble_note)            \
    _(scribble_note_sleep) _(note_of_init) _(note_far_away) _(unmap_note)

static const struct {
    const char *name;
    void (*act)(void);
} actions[] = {
#define ROW(name) {#name, name},
    ALL(ROW)};

/* --- Moments ---------------------------------------------------------------------------------- */

static void reach(const char *moment) {
    const char *told = getenv("DRIFTCHECK_WILD");
    size_t length = strlen(moment);
    if (told == NULL || strncmp(told, moment, length) != 0 || told[length] != '-') return;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(actions[i].name, told + length + 1) == 0) actions[i].act();
}

__attribute__((constructor)) static void load(void) { reach("load"); }

static void *act_late(void *unused) { return usleep(10 * 1000), reach("late"), unused; }

/* --- CBOR ------------------------------------------------------------------------------------- */

static uint8_t *reply;
static size_t reply_length, reply_room;

static void add(const void *data, size_t length) {
    if (reply_length + length > reply_room) {
        reply_room = 2 * (reply_length + length);
        reply = realloc(reply, reply_room);
    }
    memcpy(reply + reply_length, data, length);
    reply_length += length;
}

static void add_head(int major, uint64_t size) {
    uint8_t head[9] = {(uint8_t)(major << 5)};
    int width = size < 24 ? 0 : size <= 0xff ? 1 : size <= 0xffff ? 2 : size <= 0xffffffff ? 4 : 8;
    head[0] |= (uint8_t)(width == 0 ? size : width == 1 ? 24 : width == 2 ? 25 : width == 4 ? 26 : 27);
    for (int i = 0; i < width; i++) head[width - i] = (uint8_t)(size >> 8 * i);
    add(head, 1 + (size_t)width);
}

static void add_filled(int byte, size_t count) {
    uint8_t *filled = malloc(count);
    memset(filled, byte, count);
    add(filled, count);
    free(filled);
}

static uint64_t take_head(const uint8_t **at) {
    int size = *(*at)++ & 31, width = size < 24 ? 0 : 1 << (size - 24);
    uint64_t value = width == 0 ? (uint64_t)size : 0;
    while (width-- > 0) value = value << 8 | *(*at)++;
    return value;
}

/* --- The trace loop --------------------------------------------------------------------------- */

static void add_state(uint64_t lived, int as_bytes) {
    size_t start = reply_length;
    add_head(0, lived);
    uint8_t state[9];
    size_t length = reply_length - start;
    memcpy(state, reply + start, length);
    reply_length = start;
    if (as_bytes) {
        add_head(2, length), add(state, length);
        return;
    }
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ state[i]) * 1099511628211u;
    uint8_t digest[8];
    for (int i = 0; i < 8; i++) digest[i] = (uint8_t)(hash >> (56 - 8 * i));
    add_head(2, 8), add(digest, 8);
}

static void note(uint64_t trace, uint64_t doing) { *(volatile uint64_t *)shared_note = doing << 32 | trace; }

static void add_accepted_act(void) {
    switch (spoilt) {
    case LARGE: add("\x82\x03", 2), add_head(3, 18 * MIB), add_filled('x', 18 * MIB); break;
    case LONG_TEXT: add("\x82\x03", 2), add_head(3, 7 * MIB), add_filled('x', 7 * MIB); break;
    case MANY_ITEMS: add("\x82\x00", 2), add_head(4, 10 * MIB), add_filled(0x80, 10 * MIB); break;
    case ITEMS_BELOW: add("\x82\x00", 2), add_head(4, 250 * 1000), add_filled(0x80, 250 * 1000); break;
    case DEEP: add("\x82\x00", 2), add_filled(0x81, MIB / 8), add("\x00", 1); break;
    case ILL_TYPED: add("\x82\x00\x18\x2a", 4); break;
    case NO_SUCH_OUTCOME: add("\x81\x17", 2); break;
    case HOLDS_ITSELF: add("\x82\x00\xd8\x1c\x81\xd8\x1d\x00", 8); break;
    case LONG_NUMBER: add("\x82\x00\xc2", 3), add_head(2, MIB), add_filled(0xff, MIB); break;
    case PATTERN: add("\x82\x00\xd8\x23", 4), add_head(3, MIB), add_filled('(', MIB); break;
    default: add("\x82\x00\xf6", 3);
    }
}

/* Runs a trace and adds its reply as a byte string. */
static void run_trace(const uint8_t *at, uint64_t trace, uint64_t mode) {
    uint64_t lived = 0, counts[10001], steps;
    int acts = 0;
    size_t start = reply_length;
    spoilt = WELL;
    note(trace, 0);
    reach("open");
    take_head(&at), at += take_head(&at); /* the array, and the correlation id */
    at += 4 + 2;                          /* [[1, []]] and [[]] */
    steps = take_head(&at);
    add("\x84\x81\x82\x00\xf6", 5);
    add_head(4, 2 * steps);
    for (uint64_t step = 0; step < steps; step++) {
        note(trace, step + 1);
        uint8_t operation = at[1];
        at += 5; /* [operation, 0, null, []] */
        if (operation == 1) {
            acts = 1;
            reach("step");
            add_accepted_act();
            reach("state");
        } else {
            add("\x82\x00", 2), add_head(0, ++lived);
        }
        counts[step] = lived;
        add_state(lived, 0);
    }
    if (acts) reach("close");
    if (mode == 0) {
        add("\xf6", 1);
    } else {
        add_head(4, steps + 1), add("\x81\x41\x00", 3);
        for (uint64_t step = 0; step < steps; step++) {
            add("\x81", 1);
            if (spoilt == LARGE_STATE) add_head(2, 9 * MIB), add_filled(0, 9 * MIB);
            else add_state(counts[step], 1);
        }
    }
    if (mode < 2) add("\xf6", 1);
    else add_head(4, steps), add_filled(0x60, steps);
    if (spoilt == GARBAGE) reply_length = start, add("\xff\xff\xff", 3);
    if (spoilt == SHORT) reply_length = start, add("\x84\x80\x80\xf6\xf6", 5);
    pthread_t thread;
    if (acts) pthread_create(&thread, NULL, act_late, NULL), pthread_detach(thread);
}

static int32_t answer(const void *data, size_t length, uint8_t **out, size_t *out_len) {
    *out = malloc(length + 1);
    memcpy(*out, data, length);
    *out_len = length;
    return 0;
}

uint32_t driftcheck_abi(void) { return DRIFTCHECK_ABI; }

int32_t driftcheck_describe(uint8_t **out, size_t *out_len) {
    static const char described[] = "\xa2\x68" "contract\x64wild\x6b" "fingerprint\x70" FINGERPRINT;
    return answer(described, sizeof described - 1, out, out_len);
}

int32_t driftcheck_run(uint64_t *shared, uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    const uint8_t *at = in + 2; /* [1, mode, traces] */
    uint64_t mode = take_head(&at), traces = take_head(&at);
    (void)in_len;
    shared_note = shared;
    uint8_t *whole = NULL;
    size_t length = 0;
    for (uint64_t trace = 0; trace < traces; trace++) {
        uint64_t size = take_head(&at);
        reply_length = 0;
        run_trace(at, trace, mode);
        at += size;
        size_t made = reply_length;
        add_head(2, made);
        size_t head = reply_length - made;
        whole = realloc(whole, length + head + made);
        memcpy(whole + length, reply + made, head);
        memcpy(whole + length + head, reply, made);
        length += head + made;
    }
    reply_length = 0;
    add_head(4, traces);
    add(whole, length);
    free(whole);
    note(traces == 0 ? 0 : traces - 1, 0xffffffff);
    return answer(reply, reply_length, out, out_len);
}

void driftcheck_free(uint8_t *out) { free(out); }
