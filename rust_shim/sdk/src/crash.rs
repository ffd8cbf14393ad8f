//! Last words of a process that a signal kills: what the signal was, and whether the stack had run out.
//!
//! One line on standard error, such as
//! `driftcheck: fault signal=11 address=0x7ffd5e4f3ff8 stack-overflow`; other last words are `bad-address`,
//! `illegal-instruction` and `arithmetic`. Then the signal kills the process as if nobody had listened.
//!
//! An alternate stack belongs to one thread. A thread that the subject started has none, so where *its*
//! stack has run out the kernel finds no room for the handler and kills the process without a word;
//! any other fault of such a thread is told. Hence SIGSEGV without this line is a stack overflow, too.
//!
//! Linux on x86-64 and arm64; libc's functions and structures are declared here by hand,
//! since the crate has no dependencies.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Once;

const SIGILL: c_int = 4;
const SIGBUS: c_int = 7;
const SIGFPE: c_int = 8;
const SIGSEGV: c_int = 11;
const SIGNALS: [c_int; 4] = [SIGILL, SIGBUS, SIGFPE, SIGSEGV];

const SA_SIGINFO: c_int = 4;
const SA_ONSTACK: c_int = 0x0800_0000;
const SIG_DFL: usize = 0;
const SS_DISABLE: c_int = 2;
const STDERR: c_int = 2;

/// A signal's frame with all vector registers takes about 11 KiB.
const ALTERNATE_STACK: usize = 64 * 1024;

/// How far from the stack pointer an overflow may touch; as wide as the kernel's own guard gap.
const REACH: usize = 1 << 20;

#[repr(C)]
struct SigAction {
    handler: usize,
    mask: [u64; 16],
    flags: c_int,
    restorer: usize,
}

#[repr(C)]
struct SigInfo {
    signal: c_int,
    errno: c_int,
    code: c_int,
    address: usize,
}

#[repr(C)]
struct Stack {
    start: *mut c_void,
    flags: c_int,
    size: usize,
}

/// The beginning of `ucontext_t`, up to the stack pointer.
#[repr(C)]
struct Context {
    flags: u64,
    link: usize,
    stack: Stack,
    #[cfg(target_arch = "x86_64")]
    registers_before: [u64; 15],
    #[cfg(target_arch = "aarch64")]
    registers_before: [u64; 49],
    stack_pointer: usize,
}

unsafe extern "C" {
    fn sigaction(signal: c_int, new: *const SigAction, old: *mut SigAction) -> c_int;
    fn sigaltstack(new: *const Stack, old: *mut Stack) -> c_int;
    fn raise(signal: c_int) -> c_int;
    fn write(file: c_int, bytes: *const c_void, length: usize) -> isize;
}

/// Listens in the whole process from now on, and lets the current thread tell of a full stack.
pub fn watch() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        for signal in SIGNALS {
            set(
                signal,
                on_fault as *const () as usize,
                SA_SIGINFO | SA_ONSTACK,
            );
        }
    });
    thread_local! {
        static WATCHED: Cell<bool> = const { Cell::new(false) };
    }
    if !WATCHED.replace(true) {
        give_alternate_stack();
    }
}

/// Gives the current thread a second stack, unless it has one; never freed, for the thread may end last.
fn give_alternate_stack() {
    let mut current = MaybeUninit::<Stack>::uninit();
    // SAFETY: a null first argument only asks, and `current` has the layout that is written.
    let has_one = unsafe {
        sigaltstack(ptr::null(), current.as_mut_ptr()) != 0
            || current.assume_init_ref().flags & SS_DISABLE == 0
    };
    if has_one {
        return;
    }
    let memory = vec![0_u8; ALTERNATE_STACK].leak();
    let stack = Stack {
        start: memory.as_mut_ptr().cast(),
        flags: 0,
        size: memory.len(),
    };
    // SAFETY: the memory is leaked, so it outlives the thread, and nothing else uses it.
    unsafe { sigaltstack(&stack, ptr::null_mut()) };
}

fn set(signal: c_int, handler: usize, flags: c_int) {
    let action = SigAction {
        handler,
        mask: [0; 16],
        flags,
        restorer: 0,
    };
    // SAFETY: `action` has libc's layout; the handler is the default or `on_fault`, which has the
    // signature that SA_SIGINFO asks for and calls async-signal-safe functions only.
    unsafe { sigaction(signal, &action, ptr::null_mut()) };
}

extern "C" fn on_fault(signal: c_int, info: *const SigInfo, context: *const Context) {
    // SAFETY: with SA_SIGINFO the kernel passes both, laid out as declared above.
    let (address, stack_pointer) = unsafe { ((*info).address, (*context).stack_pointer) };
    let what: &[u8] = match signal {
        SIGSEGV if address.abs_diff(stack_pointer) < REACH => b"stack-overflow",
        SIGILL => b"illegal-instruction",
        SIGFPE => b"arithmetic",
        _ => b"bad-address",
    };

    let mut line = Line::new();
    line.text(b"driftcheck: fault signal=");
    line.decimal(signal as usize);
    line.text(b" address=0x");
    line.hex(address);
    line.text(b" ");
    line.text(what);
    line.text(b"\n");
    // SAFETY: write and raise are async-signal-safe, and the line's bytes live here. The signal is
    // blocked until this returns; then it kills, whether it came from a fault or from a process.
    unsafe {
        write(STDERR, line.bytes.as_ptr().cast(), line.length);
        set(signal, SIG_DFL, 0);
        raise(signal);
    }
}

/// A line made without allocating.
struct Line {
    bytes: [u8; 96],
    length: usize,
}

impl Line {
    fn new() -> Self {
        Self {
            bytes: [0; 96],
            length: 0,
        }
    }

    fn text(&mut self, text: &[u8]) {
        for &byte in text {
            if let Some(place) = self.bytes.get_mut(self.length) {
                *place = byte;
                self.length += 1;
            }
        }
    }

    fn decimal(&mut self, number: usize) {
        self.number(number, 10);
    }

    fn hex(&mut self, number: usize) {
        self.number(number, 16);
    }

    fn number(&mut self, number: usize, base: usize) {
        if number >= base {
            self.number(number / base, base);
        }
        self.text(&[b"0123456789abcdef"[number % base]]);
    }
}
